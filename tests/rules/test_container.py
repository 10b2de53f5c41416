from dataclasses import replace
from fractions import Fraction

import pytest

from tests.rules.examples import GOOD, SEU, finding, with_recording, with_video

MOE_LIMIT_S = 1800


@pytest.mark.parametrize(
    ("length_s", "kind", "level"),
    [
        (Fraction(900), "pass", "advised"),
        (Fraction(900) - Fraction(1, 25), "pass", "advised"),
        (Fraction(900) - Fraction(2, 25), "fail", "advised"),
        (Fraction(1200) + Fraction(1, 25), "pass", "advised"),
        (Fraction(1200) + Fraction(2, 25), "fail", "advised"),
        (Fraction(MOE_LIMIT_S) + Fraction(1, 25), "fail", "advised"),
        (Fraction(MOE_LIMIT_S) + Fraction(2, 25), "fail", "required"),
    ],
)
def test_length_is_held_to_the_frame(length_s: Fraction, kind: str, level: str) -> None:
    found = finding("duration.range", with_video(end_s=length_s))
    assert (found.kind, found.level) == (kind, level)
    assert found.measured == f"{float(length_s):.2f}"


def test_length_is_the_picture_s_whatever_the_sound_lasts() -> None:
    found = finding("duration.range", with_recording(duration_s=Fraction(3000)))
    assert (found.kind, found.measured) == ("pass", "1000.00")


@pytest.mark.parametrize(
    ("size", "kind"),
    [(10**9, "pass"), (10**9 + 1, "review"), (2**30, "review"), (2**30 + 1, "fail")],
)
def test_size_has_a_grey_zone(size: int, kind: str) -> None:
    found = finding("size.cap", with_recording(size_bytes=size))
    assert (found.kind, found.measured, found.unit) == (kind, str(size), "B")


@pytest.mark.parametrize(
    ("container", "brand", "kind", "measured"),
    [
        ("mov,mp4,m4a,3gp,3g2,mj2", "isom", "pass", "mp4 (isom)"),
        ("mov,mp4,m4a,3gp,3g2,mj2", "mp42", "pass", "mp4 (mp42)"),
        ("mov,mp4,m4a,3gp,3g2,mj2", "qt", "fail", "mov (qt)"),
        ("mov,mp4,m4a,3gp,3g2,mj2", None, "fail", "mov (-)"),
        ("mov,mp4,m4a,3gp,3g2,mj2", "3gp4", "fail", "3gp (3gp4)"),
        ("matroska,webm", None, "fail", "matroska"),
    ],
)
def test_the_brand_tells_mp4_from_its_kin(container: str, brand: str | None, kind: str, measured: str) -> None:
    measurements = replace(GOOD, recording=replace(GOOD.recording, container=container), major_brand=brand)
    found = finding("container.mp4", measurements, SEU)
    assert (found.kind, found.level, found.measured) == (kind, "required", measured)
