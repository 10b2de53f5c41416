import os
import random
from pathlib import Path

import pytest

from pipeline.engines.script import find_script, read_script
from pipeline.errors import EmptyFileError, NoSuchFileError, NotARegularFileError, ScriptFileError

TEXT = "同学们好，欢迎来到今天的微课。\n第一，责任是什么？"


@pytest.mark.parametrize(
    ("encoding", "bom", "named"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("gb18030", b"", "gb18030"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
    ],
)
def test_a_text_comes_out_the_same_in_every_usual_encoding(
    tmp_path: Path, encoding: str, bom: bytes, named: str
) -> None:
    path = tmp_path / "稿.txt"
    path.write_bytes(bom + TEXT.replace("\n", "\r\n\r\n  ").encode(encoding))
    script = read_script(path)
    assert (script.text, script.encoding) == (TEXT, named)
    assert script.characters == 20


def test_traditional_characters_become_simplified_and_marks_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("《共產黨宣言》說：「團結起來！」……", "utf-8")
    assert read_script(path).text == "《共产党宣言》说：「团结起来！」……"


def test_a_word_document_gives_paragraphs_and_tables_in_order(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph("第一段。")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "左边。", "右边。"
    document.add_paragraph("最后一段。")
    document.save(str(tmp_path / "a.docx"))
    script = read_script(tmp_path / "a.docx")
    assert (script.text, script.encoding) == ("第一段。\n左边。\n右边。\n最后一段。", "docx")


def test_subtitles_give_their_text_a_line_for_each_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:02,000\n今天我们\n\n2\n00:00:02,000 --> 00:00:03,000\n<i>讲一件事。</i>\n\n"
        "x\n00:00:03,500 --> 00:00:01,000\n就是这样。\n",
        "utf-8",
    )
    assert read_script(path).text == "今天我们讲一件事。\nx就是这样。"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", b"PK\x03\x04 nothing"),
        ("a.docx", "纯文本".encode()),
        ("a.srt", "没有时间".encode()),
        ("a.txt", b"\xff\xfe\xfa\x81" * 3 + b"\x80"),
        ("a.txt", " \n。。\n".encode()),
        ("a.pdf", b"%PDF-1.7"),
        ("a.txt", "字".encode() * 200_001),
    ],
)
def test_what_is_no_script_is_refused_with_a_reason(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ScriptFileError) as caught:
        read_script(tmp_path / name)
    assert caught.value.exit_code == 3
    assert str(tmp_path / name) in caught.value.message.show()


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(NotARegularFileError):
        read_script(tmp_path / "pipe.txt")
    with pytest.raises(NoSuchFileError):
        read_script(tmp_path / "none.txt")
    (tmp_path / "empty.txt").touch()
    with pytest.raises(EmptyFileError):
        read_script(tmp_path / "empty.txt")


def test_the_script_beside_a_recording_is_found_under_its_name(tmp_path: Path) -> None:
    raw = tmp_path / "党课.mp4"
    assert find_script(raw) is None
    for suffix in (".srt", ".docx", ".txt"):
        (tmp_path / f"党课{suffix}").write_text("x")
        assert find_script(raw) == tmp_path / f"党课{suffix}"
    (tmp_path / "别的.txt").write_text("x")
    assert find_script(tmp_path / "第二讲.mp4") is None


def test_directions_labels_and_headings_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("一、什么是责任\n老师：责任就在身边。（掌声）\n【播放短片】\n世界卫生组织宣布了消息，", "utf-8")
    script = read_script(path)
    told = [(aside.kind, script.text[aside.start : aside.end]) for aside in script.asides]
    assert told == [
        ("heading", "一、什么是责任"),
        ("label", "老师："),
        ("direction", "（掌声）"),
        ("direction", "【播放短片】"),
    ]


def test_a_damaged_word_document_is_refused_and_never_crashes(tmp_path: Path) -> None:
    from tests.packages.making import word
    from tests.packages.test_mutants import mutant

    data, chance = word(tmp_path / "whole.docx").read_bytes(), random.Random(1)
    refused = 0
    for _ in range(40):
        path = tmp_path / "damaged.docx"
        path.write_bytes(mutant(data, chance))
        try:
            read_script(path)
        except ScriptFileError:
            refused += 1
    assert refused > 20
