"""All rules together: every one answers, in order, whatever the file lacks."""

from dataclasses import replace

import pytest

from pipeline.presets import RULE_IDS
from pipeline.records import Measurements
from pipeline.rules import RULES, judge
from pipeline.texts import speaking
from tests.rules.examples import GOOD, MOOC, RECORDING, SEU

BARE = replace(
    GOOD,
    recording=replace(RECORDING, video=None, audio=None),
    gop=None,
    loudness=None,
    speech=(),
    cues=None,
    sidecar=None,
    read_backs=(),
    pts_deltas_equal=False,
)


def test_every_rule_of_the_presets_is_there() -> None:
    assert set(RULES) == set(RULE_IDS)


def test_a_good_file_passes_every_rule() -> None:
    findings = judge(GOOD, SEU)
    assert [f.rule for f in findings] == list(RULE_IDS)
    assert {f.rule: f.kind for f in findings if f.kind != "pass"} == {}


def test_level_and_source_come_from_the_preset() -> None:
    for found in judge(GOOD, MOOC):
        assert found.level == MOOC.levels[found.rule]  # type: ignore[index]
        assert found.source == MOOC.sources[found.rule]  # type: ignore[index]


@pytest.mark.parametrize(
    "measurements",
    [
        BARE,
        replace(BARE, recording=replace(RECORDING, video=None)),
        replace(BARE, recording=replace(RECORDING, audio=None)),
        replace(GOOD, cues=(), read_backs=()),
    ],
    ids=["nothing", "sound alone", "picture alone", "no cues"],
)
def test_whatever_a_file_lacks_every_rule_answers(measurements: Measurements) -> None:
    findings = judge(measurements, SEU)
    assert [f.rule for f in findings] == list(RULE_IDS)
    for found in findings:
        if found.kind != "pass":
            assert found.detail is not None
            assert found.detail.show()


def test_sound_alone_misses_the_picture_once_and_names_it() -> None:
    findings = judge(replace(BARE, recording=replace(RECORDING, video=None)), SEU)
    missed = {f.rule for f in findings if f.is_miss}
    assert missed == {"video.codec", "subtitle.burned"}


def test_values_are_the_same_in_both_languages() -> None:
    with speaking("zh_CN"):
        chinese = judge(BARE, SEU)
    assert chinese == judge(BARE, SEU)
