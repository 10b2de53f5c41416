"""What decoded samples say: clipping, dead channels, phase, silence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.media.measuring.samples import SampleFacts, measure_samples
from pipeline.media.probing.probe import inspect
from pipeline.records import Span

MakeClip = Callable[[str, list[str]], Path]
TONE = "0.1*sin(2*PI*440*t)"


@pytest.fixture
def facts_of(make_clip: MakeClip) -> Callable[[str, str], SampleFacts]:
    def measure(name: str, expression: str) -> SampleFacts:
        source = ["-f", "lavfi", "-i", f"aevalsrc='{expression}':s=48000:d=4", "-c:a", "pcm_s16le"]
        return measure_samples(inspect(make_clip(f"samples_{name}.wav", source)), 1.0)

    return measure


def test_a_clean_tone_has_no_faults(facts_of: Callable[[str, str], SampleFacts]) -> None:
    assert facts_of("clean", f"{TONE}|{TONE}") == SampleFacts()


def test_every_clipped_crest_is_a_run(facts_of: Callable[[str, str], SampleFacts]) -> None:
    # Two crests a period, 10 Hz, 4 s, left channel alone; runs cross the blocks of a tenth of a second as well.
    assert facts_of("clipped", f"clip(2*sin(2*PI*10*t),-1,1)|{TONE}").clipped_runs == 80


def test_a_run_that_crosses_a_block_counts_once(facts_of: Callable[[str, str], SampleFacts]) -> None:
    assert facts_of("long_run", f"lt(abs(t-1),0.25)+{TONE}*gt(abs(t-1),0.25)|{TONE}").clipped_runs == 1


@pytest.mark.parametrize(("expression", "dead"), [(f"{TONE}|0", (1,)), (f"0|{TONE}", (0,)), ("0|0", ())])
def test_a_channel_is_dead_beside_a_live_one(
    facts_of: Callable[[str, str], SampleFacts], expression: str, dead: tuple[int, ...]
) -> None:
    assert facts_of(f"dead_{hash(expression)}", expression).dead_channels == dead


def test_an_inverted_channel_is_told_from_a_wide_one(facts_of: Callable[[str, str], SampleFacts]) -> None:
    assert facts_of("inverted", f"{TONE}|-{TONE}").is_phase_inverted
    assert not facts_of("wide", f"{TONE}|0.1*sin(2*PI*523*t)").is_phase_inverted
    assert not facts_of("mono", TONE).is_phase_inverted


def test_silence_is_found_where_it_is(facts_of: Callable[[str, str], SampleFacts]) -> None:
    facts = facts_of("silence", f"{TONE}*(lt(t,1)+gt(t,2.5))|{TONE}*(lt(t,1)+gt(t,2.5))")
    assert facts.silent == (Span(1000, 2500),)


def test_a_file_without_sound_has_no_facts(make_clip: MakeClip) -> None:
    clip = make_clip("samples_none.mp4", ["-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.2", "-c:v", "libx264"])
    assert measure_samples(inspect(clip), 1.0) == SampleFacts()


def test_sound_of_less_than_a_tenth_of_a_second_is_not_damage(make_clip: MakeClip) -> None:
    source = ["-f", "lavfi", "-i", f"aevalsrc='{TONE}|{TONE}':s=48000:d=0.04", "-c:a", "pcm_s16le"]
    assert measure_samples(inspect(make_clip("samples_brief.wav", source)), 1.0).decode_errors == 0
