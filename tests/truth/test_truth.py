"""The most telling kinds of source, delivered and read back; ``make test-truth`` runs all of them on every ffmpeg."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.media.binaries import ffmpeg
from tests.truth.card import CELLS, Reading, draw, read
from tests.truth.delivering import deliver, judge
from tests.truth.kinds import KINDS
from tests.truth.making import make, settled
from tests.truth.run import COLOUR_TOLERANCE, encoders_of, row

TELLING = (
    "phone-mirrored-turned-90.mov",
    "phone-hlg.mov",
    "screen-vfr.mkv",
    "avchd-bff.mts",
    "full-range.mp4",
    "h264-pcm.avi",
    "late-picture.mp4",
    "trimmed-edit-list.mp4",
    "two-sounds-first.mp4",
    "rate-29.97.mkv",
    "raw-stream-ntsc.h264",
    "p3-screen.mov",
)


@pytest.mark.parametrize("name", TELLING)
def test_picture_and_sound_are_where_they_were(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    lacking = kind.encoders - encoders_of(ffmpeg().path)
    if lacking:
        pytest.skip(f"this ffmpeg does not have {', '.join(sorted(lacking))}")
    clip = make(kind, tmp_path)
    path, said = deliver(clip, kind, tmp_path)
    verdict = judge(path, settled(kind, clip), said)
    assert not verdict.problems(COLOUR_TOLERANCE), row(verdict)


@pytest.mark.parametrize("number", [0, 1, 511, 512, 2**CELLS - 1])
def test_the_card_reads_as_it_was_drawn(number: int) -> None:
    reading = _read(number)
    assert (reading.number, reading.is_lit, reading.is_upright) == (number, True, True)


def test_a_turned_card_is_noticed() -> None:
    assert not _read(5, turned=True).is_upright


def test_a_blend_of_two_frames_is_unread_or_one_of_them() -> None:
    both = [draw(number, (320, 180), is_lit=False)[..., 1] for number in (7, 8)]
    luma = np.rint(16 + 219 * (0.7 * both[0] + 0.3 * both[1])).astype(np.uint8)
    grey = np.full((90, 160), 128, np.uint8)
    assert read((luma, grey, grey), (0, 0, 320, 180)).number == 7


def _read(number: int, *, turned: bool = False) -> Reading:
    card = draw(number, (320, 180), is_lit=True)
    luma = np.rint(16 + 219 * (card @ np.array([0.2126, 0.7152, 0.0722]))).astype(np.uint8)
    grey = np.full((90, 160), 128, np.uint8)
    return read((luma[::-1, ::-1] if turned else luma, grey, grey), (0, 0, 320, 180))
