"""What the wheel ships: ``python -m tests.wheel`` builds it elsewhere, lists it, and tries the pages in it."""

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LICENCES = "licences.md"
_BUNDLED = tuple(json.loads((ROOT / "pipeline/web/island/package.json").read_text("utf-8"))["dependencies"])
"""Packages of others that the pages' scripts are made of, beside what these need."""
_ASKED = """
from pipeline.presets import preset_ids
from pipeline.reporting.html import templates
from pipeline.web.pages import BUILT, assets, has_scripts
assert has_scripts() and "page.css" in assets() and preset_ids()
pages = templates("pipeline.web")
assert [pages.get_template(name) for name in pages.list_templates()]
print(BUILT)
"""


def build(folder: Path) -> Path:
    """Build the wheel into a folder."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    return next(folder.glob("weike-*.whl"))


def expected() -> set[str]:
    """Return what must be in it: all that git keeps of the package, but the sources of the scripts."""
    kept = subprocess.run(["git", "ls-files", "-z", "pipeline", "presets"], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in kept.stdout.decode().split("\0") if name]
    built = [path.relative_to(ROOT).as_posix() for path in (ROOT / "pipeline/web/static").glob("*")]
    for name in ("page.js", "desk.js", LICENCES):
        assert f"pipeline/web/static/{name}" in built, f"{name} is not built: make setup"
    ours = [f"pipeline/_{name}" if name.startswith("presets/") else name for name in names]
    return {name for name in (*ours, *built) if not name.startswith("pipeline/web/island/")}


def check(folder: Path) -> list[str]:
    """Return the names of all files in the wheel, which were compared and tried."""
    wheel = build(folder)
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        packed.extractall(folder / "unpacked")
    missing = sorted(expected() - set(names))
    assert not missing, missing
    foreign = [name for name in names if "node_modules" in name or "/island/" in name]
    assert not foreign, foreign
    licences = (folder / "unpacked/pipeline/web/static" / LICENCES).read_text("utf-8")
    silent = sorted(package for package in _BUNDLED if package not in licences)
    assert not silent, f"no licence of {silent}"
    run = subprocess.run([sys.executable, "-P", "-c", _ASKED], cwd=folder, env={"PYTHONPATH": str(folder / "unpacked")},
                         capture_output=True, text=True, check=False)  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert str(folder) in run.stdout, "the pages came from the wheel and from nowhere else"
    return names


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        found = check(Path(place))
    print("\n".join(found))
    print(f"{len(found)} files: modules, templates, styles, scripts, catalogues and presets are all there")
