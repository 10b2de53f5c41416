"""The font is found without a font service, and what it lacks is known before anything is drawn."""

import io
import sys
import tarfile
from pathlib import Path

import pytest

from pipeline.errors import MissingGlyphError, NoFontError
from pipeline.media.rendering import fonts
from pipeline.media.rendering.fonts import (
    find_font,
    install_font,
    missing_glyphs,
    place_font,
    require_glyphs,
    text_width,
)
from pipeline.store import file_sha256

NAME = "Noto Sans SC Medium"


def test_the_preset_font_is_found_with_its_metrics() -> None:
    font = find_font(NAME)
    assert (font.family, font.weight, font.face) == (NAME, 500, 0)
    assert round(font.size_for(54)) == 78, "54 px glyphs need size 78 in Noto Sans SC"
    assert text_width(font, "国家") == 2
    assert 0.2 < text_width(font, "i") < text_width(font, "W") < 1


def test_another_weight_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    regular = find_font("Noto Sans SC")
    (tmp_path / "NotoSansSC-Regular.ttf").write_bytes(regular.path.read_bytes())
    monkeypatch.setattr(fonts, "_folders", lambda: iter([tmp_path]))
    assert find_font(NAME).family == "Noto Sans SC"


def test_a_configured_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "deep" / "NotoSansSC-Medium.ttf"
    copy.parent.mkdir()
    copy.write_bytes(find_font(NAME).path.read_bytes())
    monkeypatch.setenv("WEIKE_FONT_DIR", str(tmp_path))
    assert find_font(NAME).path == copy


def test_no_font_says_where_to_put_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "NotoSansSC-Medium.ttf").write_bytes(b"no font at all")
    monkeypatch.setattr(fonts, "_folders", lambda: iter([tmp_path, tmp_path / "absent"]))
    with pytest.raises(NoFontError) as caught:
        find_font(NAME)
    assert caught.value.exit_code == 4
    assert "weike" in caught.value.advice.show()


def test_missing_glyphs_are_named_once() -> None:
    font = find_font(NAME)
    assert missing_glyphs(font, "同志们　《党章》·…？！ABC\n") == ""
    assert missing_glyphs(font, "甲😀乙𪚥😀") == "😀𪚥"
    with pytest.raises(MissingGlyphError) as caught:
        require_glyphs(font, "甲😀")
    assert "😀" in caught.value.message.show()


def test_all_of_gb_2312_can_be_drawn() -> None:
    rows = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    characters = "".join(pair.decode("gb2312", "ignore") for pair in rows)
    assert len(characters) == 6763
    assert missing_glyphs(find_font(NAME), characters) == ""


def test_a_font_is_placed_alone(tmp_path: Path) -> None:
    place_font(find_font(NAME), tmp_path / "font")
    assert [path.name for path in (tmp_path / "font").iterdir()] == ["font.ttf"]
    before = file_sha256(find_font(NAME).path)
    place_font(find_font("Noto Sans SC"), tmp_path / "font")
    assert file_sha256(find_font(NAME).path) == before, "placing another one leaves the person's font alone"
    assert file_sha256(tmp_path / "font" / "font.ttf") != before


NPM = """#!{python}
import pathlib, shutil, sys
assert sys.argv[1] == "pack", sys.argv
if {works}:
    shutil.copy({archive!r}, "font-0.0.0.tgz")
else:
    sys.exit("registry not reached")
"""


def npm_that_brings(
    members: dict[str, bytes], folder: Path, monkeypatch: pytest.MonkeyPatch, *, works: bool = True
) -> None:
    """Put an ``npm`` before all others on PATH that packs ``members``."""
    archive = folder / "made.tgz"
    with tarfile.open(archive, "w:gz") as package:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            package.addfile(info, io.BytesIO(data))
    program = folder / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(NPM.format(python=sys.executable, works=works, archive=str(archive)))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))


def test_installing_takes_the_pinned_files_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    medium, regular = find_font(NAME).path.read_bytes(), find_font("Noto Sans SC").path.read_bytes()
    members = {
        "package/500Medium/NotoSansSC_500Medium.ttf": medium,
        "package/400Regular/NotoSansSC_400Regular.ttf": regular,
        "package/LICENSE_FONT": b"OFL",
        "../../escaped.txt": b"no",
    }
    npm_that_brings(members, tmp_path, monkeypatch)
    target = tmp_path / "share" / "fonts"
    assert install_font(target) == target
    assert sorted(path.name for path in target.iterdir()) == [
        "NotoSansSC-Medium.ttf",
        "NotoSansSC-Regular.ttf",
        "OFL.txt",
    ]
    monkeypatch.setenv("PATH", "")
    assert install_font(target) == target, "what is there already is not fetched again"


@pytest.mark.parametrize("works", [True, False])
def test_installing_something_else_is_refused(works: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm_that_brings({"package/500Medium/NotoSansSC_500Medium.ttf": b"evil"}, tmp_path, monkeypatch, works=works)
    with pytest.raises(NoFontError):
        install_font(tmp_path / "fonts")
    assert not list((tmp_path / "fonts").glob("*")) if works else not (tmp_path / "fonts").exists()


def test_the_npm_that_came_with_weike_is_used_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    command = fonts._npm()
    assert command is not None
    assert [Path(part).name for part in command] == ["node", "npm-cli.js"]
    assert all(Path(part).is_file() for part in command)
