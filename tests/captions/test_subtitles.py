from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.captions.ass import escaped
from pipeline.captions.subtitles import SubtitleFile, read_subtitles
from pipeline.captions.vtt import write_vtt
from pipeline.errors import EmptyFileError, NoCueError, NoSuchFileError, SubtitleFileError
from pipeline.records import Cue

SRT = "1\n00:00:01,000 --> 00:00:02,500\n同学们好，今天我们上课。\n\n2\n00:00:03,000 --> 00:00:04,000\n请看大屏幕。\n"
TRADITIONAL = (
    "1\n00:00:01,000 --> 00:00:02,500\n同學們好，今天我們上課。\n\n2\n00:00:03,000 --> 00:00:04,000\n請看大螢幕。\n"
)
VTT = """WEBVTT - 微课
Kind: captions

STYLE
::cue { color: red }

NOTE 第一节

开场
00:01.000 --> 00:02.500 align:start line:90%
<v 李老师>同学们好，<c.big>今天</c>我们&amp;你们上课。</v>

00:00:03.000 --> 00:00:04.000
请看
大屏幕。
"""
ASS = r"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,不是字幕
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\an8\pos(10,20)}同学们好，今天上课
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,请看\N{\i1}大屏幕{\i0}
"""


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def texts(file: SubtitleFile) -> list[tuple[int, int, str]]:
    return [(e.cue.start_ms, e.cue.end_ms, e.cue.text) for e in file.entries if e.cue is not None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("text", [SRT, TRADITIONAL])
def test_every_encoding_of_simplified_and_traditional_text(tmp_path: Path, encoding: str, text: str) -> None:
    file = read_subtitles(written(tmp_path / "a.srt", text, encoding))
    assert [t for _, _, t in texts(file)] == [text.split("\n")[2], text.split("\n")[6]]


def test_big5_is_told_from_gb18030(tmp_path: Path) -> None:
    file = read_subtitles(written(tmp_path / "a.srt", TRADITIONAL, "big5"))
    assert (file.encoding, texts(file)[0][2]) == ("big5", "同學們好，今天我們上課。")
    file = read_subtitles(written(tmp_path / "b.srt", SRT, "gbk"))
    assert (file.encoding, texts(file)[0][2]) == ("gb18030", "同学们好，今天我们上课。")


def test_a_damaged_byte_of_utf8_is_named_and_not_taken_for_another_encoding(tmp_path: Path) -> None:
    data = bytearray((SRT * 5).encode())
    data[data.index("课".encode())] = 0xFF
    (tmp_path / "a.srt").write_bytes(data)
    file = read_subtitles(tmp_path / "a.srt")
    assert file.encoding == "utf-8"
    assert "Cue 1 holds bytes that are no text" in file.problems[0].show()
    assert texts(file)[1][2] == "请看大屏幕。"


def test_webvtt(tmp_path: Path) -> None:
    file = read_subtitles(written(tmp_path / "a.vtt", VTT))
    assert file.form == "vtt"
    assert texts(file) == [(1000, 2500, "同学们好，今天我们&你们上课。"), (3000, 4000, "请看\n大屏幕。")]
    assert file.problems == ()


def test_text_outside_every_cue_of_a_webvtt_file_is_named(tmp_path: Path) -> None:
    file = read_subtitles(written(tmp_path / "a.vtt", VTT + "\n掉下来的一行\n\n00:05.000 --> 00:xx.000\n坏了\n"))
    assert [e.cue is None for e in file.entries] == [False, False, True, True]
    assert [p.show() for p in file.problems] == [
        "Cue 3 cannot be read: 掉下来的一行",
        "Cue 4 cannot be read: 00:05.000 --> 00:xx.000 坏了",
    ]


def test_ass(tmp_path: Path) -> None:
    file = read_subtitles(written(tmp_path / "a.ass", ASS))
    assert file.form == "ass"
    assert texts(file) == [(1000, 2500, "同学们好，今天上课"), (3000, 4000, "请看\n大屏幕")]


def test_ssa_with_fields_in_another_order(tmp_path: Path) -> None:
    text = "[Events]\nFormat: Marked, Style, Start, End, Text\n"
    text += "Dialogue: Marked=0,Default,0:00:01.5,0:00:02.00,你好, 再见\n"
    assert texts(read_subtitles(written(tmp_path / "a.txt", text))) == [(1500, 2000, "你好, 再见")]


def test_broken_lines_and_drawings_of_an_ass_file_are_named(tmp_path: Path) -> None:
    more = (
        "Dialogue: 0,0:00:0x.00,0:00:06.00,Default,,0,0,0,,时间坏了\n"
        "Dialogue: 0,0:00:07.00,0:00:08.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\nDialogue: 0,0:00\n"
    )
    file = read_subtitles(written(tmp_path / "a.ass", ASS + more))
    assert [e.cue is None for e in file.entries] == [False, False, True, True, True]
    assert [p.show().split(" ")[:2] for p in file.problems] == [["Cue", "3"], ["Cue", "4"], ["Cue", "5"]]


def test_numbers_in_problems_are_places_in_the_file(tmp_path: Path) -> None:
    text = "1\n00:00:xx,000 --> 00:00:02,000\n坏\n\n2\n00:00:05,000 --> 00:00:04,000\n倒\n\n"
    problems = [p.show() for p in read_subtitles(written(tmp_path / "a.srt", text)).problems]
    assert problems == [
        "Cue 1 cannot be read: 1 00:00:xx,000 --> 00:00:02,000 坏",
        "Cue 2 ends before it begins: 倒",
    ]


def test_what_holds_no_cue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoCueError):
        read_subtitles(written(tmp_path / "a.srt", "1\n00:00:0x,000 --> 00:00:02,000\n坏\n"))
    with pytest.raises(SubtitleFileError):
        read_subtitles(written(tmp_path / "a.srt", "只有文字"))
    with pytest.raises(SubtitleFileError):
        read_subtitles(written(tmp_path / "a.vtt", "WEBVTT\n"))
    with pytest.raises(EmptyFileError):
        read_subtitles(written(tmp_path / "a.srt", ""))
    with pytest.raises(NoSuchFileError):
        read_subtitles(tmp_path / "none.srt")


AWKWARD = st.text(alphabet="微课，。《》aB3.%{}\\&<>;#Nnh-/", min_size=1, max_size=20)


@given(AWKWARD)
def test_any_text_survives_webvtt_and_ass(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    if "-->" in text or not text.strip():
        return
    folder = tmp_path_factory.mktemp("subtitles")
    write_vtt([Cue(3_601_000, 3_602_500, text, text, None)], folder / "a.vtt")
    assert texts(read_subtitles(folder / "a.vtt")) == [(3_601_000, 3_602_500, text)]
    line = f"[Events]\nDialogue: 0,1:00:01.00,1:00:02.50,Default,,0,0,0,,{escaped(text)}\n"
    assert texts(read_subtitles(written(folder / "a.ass", line))) == [(3_601_000, 3_602_500, text)]
