from fractions import Fraction

import pytest

from tests.rules.examples import LENGTH_S, finding, with_audio

MS = Fraction(1, 1000)


@pytest.mark.parametrize(("offset_ms", "kind"), [(0, "pass"), (40, "pass"), (-40, "pass"), (45, "fail"), (-45, "fail")])
def test_starts_lie_within_a_frame(offset_ms: int, kind: str) -> None:
    found = finding("video.edit_list", with_audio(start_s=offset_ms * MS))
    assert (found.kind, found.level) == (kind, "note")


@pytest.mark.parametrize(("offset_ms", "kind"), [(0, "pass"), (-40, "pass"), (-41, "fail"), (60, "pass"), (61, "fail")])
def test_sound_may_trail_more_than_lead(offset_ms: int, kind: str) -> None:
    found = finding("av.sync", with_audio(start_s=offset_ms * MS))
    assert (found.kind, found.level) == (kind, "advised")


@pytest.mark.parametrize(("late_ms", "kind"), [(40, "pass"), (-40, "pass"), (50, "fail"), (-2000, "fail")])
def test_ends_lie_within_a_frame(late_ms: int, kind: str) -> None:
    found = finding("av.sync", with_audio(end_s=LENGTH_S + late_ms * MS))
    assert found.kind == kind
    if kind == "fail":
        assert found.measured is not None
        assert found.measured.endswith(f"⊣ {'+' if late_ms > 0 else '−'}{abs(late_ms)}")
