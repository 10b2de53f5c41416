"""Readings are kept by runs of groups: what did not change is not read again."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.media.measuring.kept_readings import read_or_kept
from pipeline.media.measuring.reading_plan import moment_ms
from pipeline.media.probing.gop import Group, PacketWalk
from pipeline.presets import load_preset
from pipeline.records import Cue, ReadBack
from pipeline.store import Store

ASKED = (load_preset().captions, 0.9)
CUES = tuple(Cue(n * 2000 + 100, n * 2000 + 1900, f"第{n}句", f"第{n}句", None) for n in range(24))
NUMBERS = tuple(range(1, 25))
END_OF_RUN, INSIDE = f"{16:032x}", f"{17:032x}"


def walk_of(digests: Sequence[str]) -> PacketWalk:
    """Return a picture in groups of two seconds, each with these digests."""
    groups = tuple(Group((n * 2.0, n * 2.0 + 1), 0, digest) for n, digest in enumerate(digests))
    times = tuple(time for group in groups for time in group.times_s)
    return PacketWalk(None, times, tuple(group.times_s[0] for group in groups), groups)


SAME = [END_OF_RUN if n % 4 == 3 else INSIDE for n in range(24)]
"""Six runs of four groups."""


class Reader:
    """Reads every cue well, or as it is told, and notes which it was asked for."""

    def __init__(self, folder: Path, cues: Sequence[Cue] = CUES, similarity: float = 1.0) -> None:
        self.asked: list[int] = []
        self._cues, self._similarity = cues, similarity
        self._thumbnail = folder / "thumbnail.jpg"
        self._thumbnail.write_bytes(b"x")

    def __call__(self, numbers: Sequence[int]) -> Sequence[ReadBack]:
        self.asked += numbers
        texts = [self._cues[number - 1].text for number in numbers]
        moments = [moment_ms(self._cues[number - 1], ()) for number in numbers]
        return [
            ReadBack(number, at_ms, text, text, self._similarity, self._thumbnail)
            for number, at_ms, text in zip(numbers, moments, texts, strict=True)
        ]


def test_a_second_time_nothing_is_read(tmp_path: Path) -> None:
    reader, store = Reader(tmp_path), Store(tmp_path / "store")
    first = read_or_kept(CUES, NUMBERS, walk_of(SAME), ASKED, store, reader)
    assert reader.asked == list(NUMBERS)
    reader.asked.clear()
    assert read_or_kept(CUES, NUMBERS, walk_of(SAME), ASKED, store, reader) == first
    assert reader.asked == []


@pytest.mark.parametrize("what", ["picture", "text"])
def test_only_the_run_that_changed_is_read_again(what: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    read_or_kept(CUES, NUMBERS, walk_of(SAME), ASKED, store, Reader(tmp_path))
    cues, digests = list(CUES), list(SAME)
    if what == "picture":
        digests[9] = f"{33:032x}"
    else:
        cues[9] = replace(CUES[9], text="改了", screen="改了")
    reader = Reader(tmp_path, cues)
    found = read_or_kept(cues, NUMBERS, walk_of(digests), ASKED, store, reader)
    assert reader.asked == [9, 10, 11, 12]
    assert [one.expected for one in found] == [cue.text for cue in cues]


def test_a_cue_that_was_added_earlier_shifts_the_numbers_and_no_more(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    read_or_kept(CUES, NUMBERS, walk_of(SAME), ASKED, store, Reader(tmp_path))
    added = (*CUES[:1], Cue(1901, 1999, "加", "加", None), *CUES[1:])
    reader = Reader(tmp_path, added)
    found = read_or_kept(added, range(1, 26), walk_of(SAME), ASKED, store, reader)
    assert set(reader.asked) <= {1, 2, 3, 4, 5}
    assert [one.cue_number for one in found] == list(range(1, 26))
    assert [one.expected for one in found] == [cue.text for cue in added]


def test_what_was_not_read_well_is_read_each_time(tmp_path: Path) -> None:
    reader, store = Reader(tmp_path, similarity=0.5), Store(tmp_path / "store")
    for _ in range(2):
        reader.asked.clear()
        read_or_kept(CUES, NUMBERS, walk_of(SAME), ASKED, store, reader)
        assert reader.asked == list(NUMBERS)


def test_a_picture_that_was_dropped_from_the_store_is_made_again(tmp_path: Path) -> None:
    reader, store = Reader(tmp_path), Store(tmp_path / "store")
    read_or_kept(CUES, NUMBERS, walk_of(SAME), ASKED, store, reader)
    (tmp_path / "thumbnail.jpg").unlink()
    reader.asked.clear()
    read_or_kept(CUES, NUMBERS, walk_of(SAME), ASKED, store, reader)
    assert reader.asked == list(NUMBERS)


def test_without_groups_all_is_read(tmp_path: Path) -> None:
    reader, store = Reader(tmp_path), Store(tmp_path / "store")
    for _ in range(2):
        reader.asked.clear()
        read_or_kept(CUES, NUMBERS, PacketWalk(None, (), ()), ASKED, store, reader)
        assert reader.asked == list(NUMBERS)
