"""The HTML report: one inert file, everything escaped, failures first, readable colours."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.presets import REGISTER_RULE_IDS, RULE_IDS
from pipeline.records import CueSheet, Flag, LectureInfo, Removal, Report, Span
from pipeline.reporting.html import plain, report_html
from pipeline.reporting.palette import COLOURS
from pipeline.reporting.rule_names import RULE_TEXTS
from pipeline.texts import Message, _, speaking
from tests.reporting.sample import SKIPPED, make_report

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """The page's elements, attributes and text, in order; the tree must close as it opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data


def page_of(folder: Path, *, bad: bool = True, thumbnails: tuple[Path, ...] = ()) -> Page:
    return Page(report_html(*make_report(folder, bad=bad, thumbnails=thumbnails)))


@pytest.mark.parametrize("bad", [False, True])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_page_is_well_formed_and_in_its_language(tmp_path: Path, language: str, bad: bool) -> None:
    with speaking(language):
        text = report_html(*make_report(tmp_path, bad=bad))
        page = Page(text)
        verdict = _("Not compliant") if bad else _("Compliant")
    assert page.open == []
    assert ("html", "lang", "zh-CN" if language == "zh_CN" else "en") in page.attributes
    assert len(page.ids) == len(set(page.ids))
    assert verdict in page.text
    assert text.startswith("<!DOCTYPE html>")


def test_nothing_runs_and_nothing_is_fetched(tmp_path: Path, thumbnails: tuple[Path, ...]) -> None:
    page = page_of(tmp_path, thumbnails=thumbnails)
    assert not {"script", "iframe", "object", "embed", "link", "form", "base"} & set(page.tags)
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name != "style", f"{tag} has an inline style, which the page's policy refuses"
        if name in {"src", "href", "xlink:href"}:
            assert value.startswith(("data:image/jpeg;base64,", "kangyi.mp4#t=")), (tag, name, value[:40])


def test_policy_allows_this_style_sheet_and_no_other(tmp_path: Path) -> None:
    text = report_html(*make_report(tmp_path))
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(v for t, n, v in Page(text).attributes if t == "meta" and n == "content" and "default-src" in v)
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "script" not in policy


PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "{{ 7*7 }}{% include 'x' %}",
    "&lt;b&gt; & <b>",
    "javascript:alert(1)",
)


def poisoned(report: Report, payload: str) -> Report:
    sheet, facts = report.cue_sheet, report.measurements
    assert sheet
    assert report.transcript
    assert report.source
    removal = Removal(Span(0, 1000), payload, Message("{why}", {"why": payload}))
    script = report.transcript.script
    assert script
    script = replace(
        script,
        path=Path(payload.replace("/", "")),
        deviations=tuple(replace(d, script=payload * 20, spoken=payload) for d in script.deviations),
    )
    flag = Flag("homophone", Message("{x}", {"x": payload}), 1.0, payload, payload, 0.5)
    cue = replace(sheet.cues[17], text=payload, flags=(flag,))
    return replace(
        report,
        lecture=LectureInfo(payload, payload, payload, payload),
        notice=payload,
        preset_title=payload,
        findings=tuple(
            replace(f, measured=payload, expected=payload, source=payload, detail=Message("{x}", {"x": payload}))
            for f in report.findings
        ),
        measurements=replace(
            facts,
            recording=replace(facts.recording, path=Path("/lecture") / f"{payload.replace('/', '')}.mp4"),
            sidecar=Path(payload.replace("/", "")),
            read_backs=tuple(replace(read, expected=payload, read=payload) for read in facts.read_backs),
        ),
        source=replace(report.source, other_streams=(payload,), path=Path(payload.replace("/", ""))),
        transcript=replace(report.transcript, model=payload, engine=payload, removals=(removal,), script=script),
        cue_sheet=replace(sheet, cues=(*sheet.cues[:17], cue, *sheet.cues[18:]), removals=()),
        notices=(Message("{x}", {"x": payload}),),
        tools=((payload, payload),),
    )


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("beside", [False, True])
def test_payloads_appear_as_text(tmp_path: Path, payload: str, beside: bool) -> None:
    report, preset = make_report(tmp_path, bad=True)
    clean = Page(report_html(report, preset, video_beside=beside))
    page = Page(report_html(poisoned(report, payload), preset, video_beside=beside))
    assert set(page.tags) == set(clean.tags)
    assert {(t, n) for t, n, _v in page.attributes} <= {(t, n) for t, n, _v in clean.attributes}
    assert page.text.count(payload) > 30
    for tag, name, value in page.attributes:
        assert name != "href" or (tag == "a" and re.fullmatch(r"[\w%.\-~]+#t=[\d.]+", value)), value


def test_control_and_direction_characters_are_made_visible(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path)
    title = "报告\u202egnp.exe\x00\x1b[31m\udcff"
    text = report_html(replace(report, lecture=replace(report.lecture, title=title)), preset)
    assert "报告\ufffdgnp.exe\ufffd\ufffd[31m\ufffd" in text
    text.encode("utf-8")
    assert plain("一行\n下一行\t。") == "一行\n下一行\t。"


def test_failures_come_first(tmp_path: Path) -> None:
    text = report_html(*make_report(tmp_path, bad=True))
    rules = ("video.raster", "audio.loudness", "picture.freeze", "av.sync", "size.cap", "video.edit_list")
    places = [text.index(f"<code>{rule}</code>") for rule in rules]
    assert places == sorted(places)


def test_each_rule_stands_once_with_name_clause_and_values(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path, bad=True)
    text = report_html(report, preset)
    page = Page(text)
    for finding in report.findings:
        assert text.count(f"<code>{finding.rule}</code>") == 1
        assert finding.source in page.text
        assert RULE_TEXTS[finding.rule].title in page.text
    assert set(RULE_TEXTS) == {*RULE_IDS, *REGISTER_RULE_IDS}
    assert "1280×720" in page.text
    assert preset.notice in page.text


def test_a_word_and_an_icon_stand_beside_every_colour(tmp_path: Path) -> None:
    text = report_html(*make_report(tmp_path, bad=True))
    for judged in re.findall(r'class="judged">(.*?)</(?:p|span|td)>', text, re.S):
        assert "<svg" in judged
        assert re.sub(r"<svg.*?</svg>", "", judged, flags=re.S).strip()


def test_demo_model_doubts_removals_and_read_backs_are_said(tmp_path: Path, thumbnails: tuple[Path, ...]) -> None:
    page = page_of(tmp_path, thumbnails=thumbnails)
    assert "demonstration model demo.pt" in page.text
    assert "请不吝点赞" in page.text
    assert "Recognised with little confidence (38 %)." in page.text
    assert "64%" in page.text
    images = [value for tag, name, value in page.attributes if (tag, name) == ("img", "src")]
    assert len(images) == 12
    assert base64.b64decode(images[0].split(",")[1]) == thumbnails[0].read_bytes()


def test_a_frame_that_is_gone_leaves_a_word(tmp_path: Path) -> None:
    page = page_of(tmp_path, thumbnails=(tmp_path / "gone.jpg",))
    assert "img" not in page.tags
    assert page.text.count("No picture was kept.") == 12


def test_a_wrong_name_stands_before_all_that_was_only_heard_badly(tmp_path: Path) -> None:
    text = report_html(*make_report(tmp_path))
    assert text.index("李名") < text.index("Perhaps misheard") < text.index("Hard to read")
    assert "<del>李名</del>" in text
    assert "<ins>李明</ins>" in text
    assert "74% sure" in text
    heard = text[text.index("Perhaps misheard") : text.index("Hard to read")]
    assert "22 more" in heard
    assert heard.index("<details>") < heard.index("Subtitle 32")


def test_no_doubts_and_no_deviations_are_said(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path)
    assert report.cue_sheet
    assert report.transcript
    assert report.transcript.script
    sure = tuple(replace(cue, flags=()) for cue in report.cue_sheet.cues)
    script = replace(report.transcript.script, deviations=(), followed=1.0)
    whole = replace(
        report,
        cue_sheet=CueSheet(sure),
        transcript=replace(report.transcript, script=script, removals=()),
    )
    page = Page(report_html(whole, preset))
    assert "No subtitle is doubtful." in page.text
    assert "The speech follows 100% of the script kangyi.docx" in page.text
    assert "It leaves the script nowhere." in page.text
    assert "Recognised but not shown" not in page.text


def test_speech_and_script_stand_side_by_side(tmp_path: Path) -> None:
    page = page_of(tmp_path)
    said = "The speech follows 96.3% of the script kangyi.docx (5,412 characters). It leaves the script in 5 places."
    assert said in page.text
    for words in ("Left out", "Added", "Changed", "Repeated", "Moved", "八万多名确诊患者", "八万多名病人", SKIPPED):
        assert words in page.text
    unsure = page.text.index("1 more in which recognition is perhaps wrong")
    assert unsure < page.text.index("重志成成")


def test_every_cue_that_was_read_is_in_a_table_those_with_a_problem_first(tmp_path: Path) -> None:
    page = page_of(tmp_path)
    assert "Subtitles read from the finished picture by a machine: 50 of 150." in page.text
    assert "Least contrast: 2.3 to 1. With a problem: 3." in page.text
    assert page.text.index("40–980 × 1010–1064") < page.text.index("Every subtitle that was read well: 47")
    for problem in ("Differs", "Faint", "Outside the margins"):
        assert problem in page.text
    assert page_of(tmp_path, bad=False).text.count("Faint") == 0


def test_a_persons_file_is_named(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path)
    burned = replace(report, person_subtitles=tmp_path / "corrected <1>.srt", transcript=None, cue_sheet=None)
    page = Page(report_html(burned, preset))
    assert "corrected <1>.srt" in page.text
    assert "Its words were burned in as they are." in page.text
    assert str(tmp_path) not in page.text
    assert "Speech and script" not in page.text
    assert "Doubtful subtitles" not in page.text


def test_the_page_says_how_to_burn_a_corrected_file_once(tmp_path: Path) -> None:
    page = page_of(tmp_path)
    assert page.text.count("weike burn MVI_0042.MOV kangyi.srt") == 1
    assert "Correct the .srt and run `weike burn`" in page.text


def test_time_codes_link_into_the_video_only_when_it_lies_beside(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path, bad=True)
    assert 'href="kangyi.mp4#t=301.50"' in report_html(report, preset, video_beside=True)
    assert "href=" not in report_html(report, preset)


def test_charts_have_names_for_screen_readers(tmp_path: Path) -> None:
    text = report_html(*make_report(tmp_path))
    drawings = re.findall(r'<svg[^>]*role="img"[^>]*aria-labelledby="(\S+) (\S+)"', text)
    assert len(drawings) == 4
    for title, summary in drawings:
        assert re.search(rf'<title id="{title}">[^<]+</title>', text)
        assert re.search(rf'<desc id="{summary}">[^<]*16\.1 LUFS|<desc id="{summary}">[^<]*min', text)


def test_silent_file_without_picture_is_reported(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path)
    facts = report.measurements
    bare = replace(
        report,
        lecture=LectureInfo("x"),
        measurements=replace(
            facts, recording=replace(facts.recording, video=None, audio=None), loudness=None, cues=None, sidecar=None,
            read_backs=(), speech=(), gop=None,
        ),
        source=None, soundtrack=None, transcript=None, cue_sheet=None, delivery=None, notices=(),
    )  # fmt: skip
    page = Page(report_html(bare, preset))
    assert "The file holds no audible sound." in page.text
    assert "Doubtful subtitles" not in page.text


def test_a_required_rule_that_was_not_decided_is_said_in_the_verdict(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path)
    for kind in ("open", "review"):
        asked = tuple(replace(f, kind=kind) if f.rule == "subtitle.burned" else f for f in report.findings)
        page = Page(report_html(replace(report, findings=asked), preset))
        assert "a machine cannot decide all of them. Please check: 1." in page.text
        assert "All requirements" not in page.text


def test_nothing_to_do_says_so(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path)
    passed = tuple(replace(finding, kind="pass", spans=(), detail=None) for finding in report.findings)
    page = Page(report_html(replace(report, findings=passed, cue_sheet=None), preset))
    assert "Nothing is left to do: deliver kangyi.mp4" in page.text
    assert "All requirements and recommendations are met." in page.text


def test_each_colour_on_the_page_is_from_the_palette(tmp_path: Path) -> None:
    text = report_html(*make_report(tmp_path, bad=True))
    assert set(re.findall(r"#[0-9a-fA-F]{6}\b", text)) <= set(COLOURS.values())
