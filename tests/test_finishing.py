"""A video of ours in which the check finds damage is not delivered."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.errors import VerificationError
from pipeline.finishing import require_whole
from pipeline.records import Delivery, Measurements
from pipeline.timing import FrameGrid
from tests.rules.examples import GOOD, LENGTH_S, with_recording, with_video

DELIVERY = Delivery(Path("课.mp4"), 1, "0" * 64, FrameGrid(Fraction(25), 25 * LENGTH_S), "libx264", 1, 1)


def test_a_whole_video_is_delivered() -> None:
    require_whole(GOOD, DELIVERY)


@pytest.mark.parametrize(
    "found",
    [
        replace(GOOD, decode_errors=1),
        replace(GOOD, sound_decode_errors=1),
        with_video(frame_count=25 * LENGTH_S - 1),
        with_recording(video=None),
    ],
    ids=["picture", "sound", "a frame too few", "no picture"],
)
def test_a_damaged_one_is_refused(found: Measurements) -> None:
    with pytest.raises(VerificationError):
        require_whole(found, DELIVERY)
