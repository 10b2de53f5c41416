"""The PDF report: short, Chinese inside it, texts never read as markup."""

import io
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from pipeline.errors import NoFontError
from pipeline.records import LectureInfo
from pipeline.reporting import pdf
from pipeline.reporting.pdf import PdfError, report_pdf
from pipeline.texts import speaking
from tests.reporting.sample import make_report


def reader_of(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def text_of(data: bytes) -> str:
    return "".join(page.extract_text() for page in reader_of(data).pages)


@pytest.mark.parametrize("bad", [False, True])
def test_pdf_is_short_and_holds_the_report(
    tmp_path: Path, fonts: tuple[Path, ...], thumbnails: tuple[Path, ...], bad: bool
) -> None:
    report, preset = make_report(tmp_path, bad=bad, thumbnails=thumbnails)
    data = report_pdf(report, preset, fonts)
    text = text_of(data).replace("\n", "")
    assert len(reader_of(data).pages) <= 4
    assert ("Not compliant" in text) == bad
    assert "在抗疫斗争中彰显青春担当" in text
    assert report.sha256 in text
    assert "配字幕" in text
    for said in ("李名 → 李明", "Names, terms and wording", "八万多名确诊患者", "Left out", "请不吝点赞", "weike burn"):
        assert said in text
    assert ("Outside the margins" in text) == bad


def test_a_persons_file_is_named_on_paper(tmp_path: Path, fonts: tuple[Path, ...]) -> None:
    report, preset = make_report(tmp_path)
    burned = replace(report, person_subtitles=tmp_path / "corrected.srt", transcript=None, cue_sheet=None)
    assert "corrected.srt" in text_of(report_pdf(burned, preset, fonts))


def test_chinese_verdict_is_embedded_text(tmp_path: Path, fonts: tuple[Path, ...]) -> None:
    report, preset = make_report(tmp_path, bad=True)
    said = replace(report, notice="结论：不合格")
    data = report_pdf(said, preset, fonts)
    assert "不合格" in text_of(data)
    embedded = {
        str(font["/BaseFont"])
        for page in reader_of(data).pages
        for font in (entry.get_object() for entry in page["/Resources"]["/Font"].values())  # type: ignore[index]
        for descendant in font["/DescendantFonts"]
        if {"/FontFile2", "/FontFile3"} & set(descendant.get_object()["/FontDescriptor"])
    }
    assert any("NotoSans" in name or "SourceHan" in name for name in embedded), embedded


@pytest.mark.parametrize(
    "payload",
    ["#panic(1)", "*bold* _x_ $x^2$", '#image("/etc/passwd")', "= Heading", "<label> @ref", "\\u{41}\x00\u202e"],
)
def test_markup_is_only_text(tmp_path: Path, fonts: tuple[Path, ...], payload: str) -> None:
    report, preset = make_report(tmp_path, bad=True)
    named = replace(
        report,
        lecture=LectureInfo(payload, payload, payload, payload),
        findings=tuple(replace(finding, measured=payload, source=payload) for finding in report.findings),
        notice=payload,
    )
    text = "".join(text_of(report_pdf(named, preset, fonts)).split())
    assert text.count("".join(pdf.plain(payload).split())) > 20


def test_both_languages_and_metadata(tmp_path: Path, fonts: tuple[Path, ...]) -> None:
    made = make_report(tmp_path)
    for language, code in (("zh_CN", "zh-CN"), ("en", "en")):
        with speaking(language):
            reader = reader_of(report_pdf(*made, fonts))
        assert reader.metadata
        assert "在抗疫斗争中彰显青春担当" in str(reader.metadata.title)
        assert reader.trailer["/Root"]["/Lang"] == code  # type: ignore[index]


def test_same_report_makes_the_same_bytes(tmp_path: Path, fonts: tuple[Path, ...]) -> None:
    made = make_report(tmp_path)
    assert report_pdf(*made, fonts) == report_pdf(*made, fonts)


def test_no_chinese_font_is_a_named_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_FAMILIES", ("A Family Nobody Has",))
    with pytest.raises(NoFontError):
        report_pdf(*make_report(tmp_path))


def test_file_that_was_only_checked(tmp_path: Path, fonts: tuple[Path, ...]) -> None:
    report, preset = make_report(tmp_path)
    facts = report.measurements
    bare = replace(
        report,
        lecture=LectureInfo("x"),
        measurements=replace(
            facts, recording=replace(facts.recording, video=None, audio=None), loudness=None, cues=None, sidecar=None,
            read_backs=(), speech=(), gop=None,
        ),
        source=None, soundtrack=None, transcript=None, cue_sheet=None, delivery=None, notices=(), findings=(),
    )  # fmt: skip
    assert "no audible sound" in text_of(report_pdf(bare, preset, fonts)).replace("\n", " ")


def test_a_broken_frame_does_not_break_the_pdf(tmp_path: Path, fonts: tuple[Path, ...]) -> None:
    broken = tmp_path / "frame.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 cut off")
    report, preset = make_report(tmp_path, thumbnails=(broken,))
    assert "配字幕" in text_of(report_pdf(report, preset, fonts))


def test_a_layout_that_fails_is_a_named_reason(
    tmp_path: Path, fonts: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "COLOURS", {})
    with pytest.raises(PdfError, match="ink"):
        report_pdf(*make_report(tmp_path), fonts)
