"""Parts, card, trims and extras from the command line: what is delivered, and what the report says was cut."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import av
import jsonschema
import pytest

from pipeline.reporting.as_json import schema
from tests.cli.conftest import Weike

CUES = "1\n00:00:03,000 --> 00:00:04,500\n同学们好\n"


@pytest.fixture
def parts(make_clip: Callable[..., Path], tmp_path: Path) -> tuple[Path, Path]:
    """Two recordings of two seconds each, without sound; the second begins with 0.4 s of black."""
    lavfi = ["-f", "lavfi", "-i"]
    first = make_clip("a.mp4", [*lavfi, "testsrc2=s=320x180:r=25:d=2", "-c:v", "libx264", "-g", "25"])
    black = "testsrc2=s=256x144:r=50:d=2,drawbox=t=fill:c=black:enable='lt(t,0.4)'"
    second = make_clip("b.mp4", [*lavfi, black, "-c:v", "libx264", "-g", "25"])
    return (
        Path(shutil.copyfile(first, tmp_path / "第一讲 上.mp4")),
        Path(shutil.copyfile(second, tmp_path / "第一讲 下.mp4")),
    )


def test_parts_with_card_trim_cover_and_clean_master(weike: Weike, parts: tuple[Path, Path], tmp_path: Path) -> None:
    srt = tmp_path / "字幕.srt"
    srt.write_text(CUES, "utf-8")
    quick = tmp_path / "quick.toml"
    look = "[titles]\nseconds = 2.0\nlower_third_s = 2.0\n"
    quick.write_text(f'{quick.read_text()}{look}[files]\nname = "{{speaker}}-{{title}}"\n')
    registered = ["--title", "不忘初心？", "--speaker", "张三", "--unit", "机械学院", "--out", tmp_path / "out"]
    extras = ["--card", "--trim", "--cover", "--clean-master", "--lower-third"]
    done = weike("burn", parts[0], srt, "--part", parts[1], *registered, *extras)
    assert done.exit_code in {0, 10}, done.output
    name = "张三-不忘初心？"
    folder = tmp_path / "out" / name
    files = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    video = {f"{name}.mp4", f"{name}-clean.mp4", f"{name}-cover.jpg", f"{name}.srt"}
    assert files == video | {"report.html", "report.json", "report.pdf"}
    frames = {}
    for file in (f"{name}.mp4", f"{name}-clean.mp4"):
        with av.open(str(folder / file)) as container:
            frames[file] = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    burned, clean = frames.values()
    assert len(burned) == len(clean) == 50 + 50 + 40, "card, first part, second part without its black"
    pairs = enumerate(zip(burned, clean, strict=True))
    changed = [n for n, (one, other) in pairs if abs(one.astype(int) - other).max() > 60]
    assert changed[: 112 - 75] == list(range(75, 112)), "subtitles and panel alone tell the two apart"
    assert 112 < changed[-1] < 125, "a second after the card, for two seconds, across the parts' seam"
    report = json.loads((folder / "report.json").read_text("utf-8"))
    card = next(found for found in report["findings"] if found["rule"] == "title.card")
    assert card["kind"] == "pass"
    jsonschema.Draft202012Validator(schema()).validate(report)
    made = report["delivery"]
    (cut,) = made["cuts"]
    assert [cut[key]["ms"] for key in ("from", "to", "at")] == [0, 400, 4000]
    assert (cut["source"], cut["seconds"]) == ("第一讲 下.mp4", 0.4)
    (third,) = made["lower_thirds"]
    assert (third["speakers"], third["unit"]) == (["张三"], "机械学院")
    assert [third["span"][key]["ms"] for key in ("start", "end")] == [3000, 5000]
    told = json.dumps(report["notices"], ensure_ascii=False)
    assert "第一讲 下.mp4: 0:00.00–0:00.40 (0.40 s), at 0:04.00" in told
    assert "第一讲 下.mp4 begins at 0:04.00" in told


def test_a_card_without_a_title_is_refused_before_any_work(weike: Weike, silent: Path, tmp_path: Path) -> None:
    done = weike("convert", silent, "--card", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "--title" in done.output
    assert not (tmp_path / "out" / silent.stem).exists()
