"""The JSON report: valid against its published schema, in both languages, whole and stable."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from pipeline.presets import RULE_IDS
from pipeline.records import Flag, LectureInfo, Loudness
from pipeline.reporting.as_json import report_as_json, report_json, schema
from pipeline.reporting.json_values import both
from pipeline.reporting.listing import flags_by_weight
from pipeline.texts import N_, Message, speaking
from tests.reporting.sample import make_cues, make_report

VALIDATOR = jsonschema.Draft202012Validator(schema())


def test_schema_is_a_valid_draft_2020_12_schema() -> None:
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("bad", [False, True])
def test_report_is_valid(tmp_path: Path, bad: bool) -> None:
    VALIDATOR.validate(json.loads(report_json(*make_report(tmp_path, bad=bad))))


def test_report_of_a_file_that_was_only_checked_is_valid(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path)
    facts = report.measurements
    silent = replace(facts.recording, audio=None, video=None, has_moov_first=None)
    bare = replace(
        report,
        lecture=LectureInfo("x"),
        measurements=replace(facts, recording=silent, cues=None, sidecar=None, loudness=None, read_backs=()),
        source=None, soundtrack=None, transcript=None, cue_sheet=None, delivery=None, notices=(),
    )  # fmt: skip
    data = report_as_json(bare, preset)
    VALIDATOR.validate(data)
    assert data["subtitles"]["cues"] is None
    assert data["file"]["loudness"] is None
    assert data["delivery"] is None


def test_schema_refuses_what_is_not_a_report(tmp_path: Path) -> None:
    data = report_as_json(*make_report(tmp_path))
    for change in ({"verdict": "fine"}, {"exit_code": 1}, {"surprise": 1}, {"format": "2.0"}):
        assert not VALIDATOR.is_valid(data | change), change
    assert not VALIDATOR.is_valid({key: value for key, value in data.items() if key != "findings"})


def test_verdict_and_exit_code(tmp_path: Path) -> None:
    good, bad = (report_as_json(*make_report(tmp_path, bad=bad)) for bad in (False, True))
    assert (good["verdict"], good["exit_code"]) == ("compliant", 0)
    assert (bad["verdict"], bad["exit_code"]) == ("noncompliant", 10)
    assert bad["summary"]["required_missed"] == 4
    assert sum(bad["summary"]["kinds"].values()) == len(RULE_IDS)


def test_each_rule_is_told_with_its_clause_in_both_languages(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path, bad=True)
    found = {finding["rule"]: finding for finding in report_as_json(report, preset)["findings"]}
    assert list(found) == list(RULE_IDS)
    for rule, finding in found.items():
        assert finding["source"] == preset.sources[rule]  # type: ignore[index]
        assert set(finding["title"]) == {"zh_CN", "en"}
        assert finding["waiver"] is None
    raster = found["video.raster"]
    assert (raster["measured"], raster["expected"], raster["kind"]) == ("1280×720", "1920×1080", "fail")
    assert raster["detail"]["en"] == "The picture has 1280×720 pixels where 1920×1080 are asked for."


def test_time_codes_and_sizes(tmp_path: Path) -> None:
    data = report_as_json(*make_report(tmp_path, bad=True))
    silence = next(finding for finding in data["findings"] if finding["rule"] == "sound.silence")
    assert silence["spans"] == [
        {"start": {"ms": 301_500, "clock": "0:05:01"}, "end": {"ms": 313_000, "clock": "0:05:13"}}
    ]
    assert data["file"]["size"] == {"bytes": 312_345_678, "gb": 0.312346, "gib": 0.290895}
    assert data["file"]["sha256"] == "0f" * 32


def test_flags_come_weightiest_first_then_by_time(tmp_path: Path) -> None:
    flags = report_as_json(*make_report(tmp_path))["subtitles"]["flags"]
    weights = [flag["weight"] for flag in flags]
    assert weights == sorted(weights, reverse=True)
    assert [flag["cue"] for flag in flags if flag["weight"] == 0.9] == [18, 65, 81]
    assert flags_by_weight(()) == []


def test_removals_are_listed_once_with_time_and_reason(tmp_path: Path) -> None:
    stock, loop = report_as_json(*make_report(tmp_path))["subtitles"]["removals"]
    assert "明镜" in stock["text"]
    assert stock["span"]["start"]["clock"] == "0:05:01"
    assert loop["reason"]["en"] == "The same words over and over again."


def test_suggestions_stand_with_their_flags(tmp_path: Path) -> None:
    flags = report_as_json(*make_report(tmp_path))["subtitles"]["flags"]
    named = next(flag for flag in flags if flag["cue"] == 65)
    assert (named["kind"], named["found"], named["suggestion"]) == ("homophone", "李名", "李明")
    assert named["suggestion_confidence"] == 0.74
    brisk = next(flag for flag in flags if flag["kind"] == "fast")
    assert (brisk["found"], brisk["suggestion"], brisk["suggestion_confidence"]) == ("", "", None)


def test_deviations_from_the_script_have_time_both_texts_and_confidence(tmp_path: Path) -> None:
    script = report_as_json(*make_report(tmp_path))["subtitles"]["script"]
    assert (script["name"], script["encoding"], script["characters"]) == ("kangyi.docx", "docx", 5412)
    assert script["followed"] == 0.9634
    kinds = [deviation["kind"] for deviation in script["deviations"]]
    assert kinds == ["changed", "skipped", "added", "changed", "repeated", "moved"]
    assert script["deviations"][0] == {
        "kind": "changed",
        "span": {"start": {"ms": 96_000, "clock": "0:01:36"}, "end": {"ms": 101_500, "clock": "0:01:41"}},
        "script": "八万多名确诊患者",
        "spoken": "八万多名病人",
        "confidence": 0.92,
    }
    assert script["deviations"][2]["script"] == ""


def test_each_cue_read_back_has_likeness_contrast_and_place(tmp_path: Path) -> None:
    reads = {read["cue"]: read for read in report_as_json(*make_report(tmp_path, bad=True))["read_backs"]}
    assert len(reads) == 50
    assert (reads[31]["similarity"], reads[31]["contrast"], reads[31]["box"]) == (0.64, None, None)
    assert reads[31]["is_inside_margins"] is None
    assert reads[61]["contrast"] == 2.31
    assert reads[91]["box"] == {"left": 40, "top": 1010, "right": 980, "bottom": 1064}
    assert reads[91]["is_inside_margins"] is False


def test_a_persons_file_is_named_without_its_folder(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path)
    assert report_as_json(report, preset)["subtitles"]["person_file"] is None
    data = report_as_json(replace(report, transcript=None, person_subtitles=tmp_path / "改好.srt"), preset)
    assert data["subtitles"]["person_file"] == "改好.srt"
    assert data["subtitles"]["script"] is None
    VALIDATOR.validate(data)


def test_demo_model_is_named(tmp_path: Path) -> None:
    assert report_as_json(*make_report(tmp_path))["recognition"]["is_demo_model"] is True


def test_no_path_of_this_machine_is_told(tmp_path: Path, thumbnails: tuple[Path, ...]) -> None:
    text = report_json(*make_report(tmp_path, bad=True, thumbnails=thumbnails)).decode()
    assert str(tmp_path) not in text
    assert str(thumbnails[0].parent) not in text


def test_text_is_stable_utf8_whatever_the_language(tmp_path: Path) -> None:
    made = make_report(tmp_path)
    with speaking("zh_CN"):
        chinese = report_json(*made)
    with speaking("en"):
        assert report_json(*made) == chinese
    assert "在抗疫斗争中彰显青春担当" in chinese.decode("utf-8")
    assert chinese.endswith(b"}\n")


def test_odd_numbers_and_broken_names_stay_valid_json(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path)
    odd = replace(
        report,
        lecture=replace(report.lecture, name="a\udcff\x00\u202eb"),
        measurements=replace(report.measurements, loudness=Loudness(None, 0.0, float("-inf"), (-70.0, float("-inf")))),
    )
    data = json.loads(report_json(odd, preset))
    VALIDATOR.validate(data)
    assert data["file"]["loudness"]["true_peak_dbtp"] is None
    assert data["file"]["loudness"]["short_term_lufs"] == [-70.0, None]


def test_both_fills_the_values_in_each_language() -> None:
    assert both(Message(N_("{count} subtitles left"), {"count": "3"}))["en"] == "3 subtitles left"


def test_confidence_of_a_persons_text_is_null(tmp_path: Path) -> None:
    report, preset = make_report(tmp_path)
    assert report.cue_sheet
    cue = replace(make_cues(1)[0], confidence=None, flags=(Flag("long", Message("x"), 1.0),))
    data = report_as_json(replace(report, cue_sheet=replace(report.cue_sheet, cues=(cue,))), preset)
    assert data["subtitles"]["flags"][0]["confidence"] is None
    VALIDATOR.validate(data)
