"""The arithmetic and the tables of the speed benchmark, on made-up numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks.table import (
    Figures,
    Row,
    as_markdown,
    as_text,
    load,
    merged,
    ratios,
    save,
    scaled_bytes,
    tried,
)

ROW = Row("whole/camera", "all of it", asked=1.10)


def test_a_repeat_is_compared_with_its_own_partner() -> None:
    assert ratios([10.0, 30.0], [5.0, 10.0]) == (2.0, 3.0)


@pytest.mark.parametrize(("ours", "theirs"), [([], []), ([1.0], [1.0, 2.0]), ([1.0, 2.0], [1.0])])
def test_unpaired_repeats_give_no_ratio(ours: list[float], theirs: list[float]) -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        ratios(ours, theirs)


def test_bytes_are_scaled_to_twenty_minutes() -> None:
    assert scaled_bytes(3_000_000, 60) == 60_000_000


@pytest.mark.parametrize(
    ("values", "asked", "is_met"),
    [((1.0, 1.2, 1.1), 1.1, True), ((1.0, 1.2, 1.11), 1.1, False), ((2.0,), None, None), ((), 1.1, None)],
)
def test_the_median_is_held_to_what_was_asked(
    values: tuple[float, ...], asked: float | None, is_met: bool | None
) -> None:
    assert replace(ROW, values=values, asked=asked).is_met is is_met


def test_a_row_that_cannot_be_made_has_its_reason() -> None:
    def breaks() -> Figures:
        raise OSError("no\nroom")

    row = tried(ROW, breaks)
    assert (row.values, row.failure, row.is_met) == ((), "no room", None)
    assert tried(ROW, lambda: Figures((1.0,), (2.0,), "so")).note == "so"


def test_both_tables_tell_what_was_asked_and_measured() -> None:
    rows = [
        replace(ROW, values=(1.0, 1.31, 1.2), wall=(1.4,), note="under | load"),
        Row("memory/still", "peak", 1.5, "GB", values=(0.8,)),
        Row("overlap/wall", "together", 1.15, failure="it hung"),
    ]
    text = as_text(rows).splitlines()
    assert " ".join(text[1].split()) == "whole/camera ≤ 1.1 1.20 1.00–1.31 1.40 not met under | load"
    assert "met" in text[2]
    assert "≤ 1.5 GB" in text[2]
    assert text[3].endswith("failed: it hung")
    page = as_markdown(rows).splitlines()
    assert page[2] == "| `whole/camera` | all of it | ≤ 1.1 | 1.20 | 1.00–1.31 | 1.40 | not met | under / load |"
    assert {line.count("|") for line in page} == {9}


def test_rows_are_kept_and_a_group_measured_anew_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    old = [replace(ROW, values=(1.0,)), Row("whole/slides", "", values=(3.0,)), Row("start/help", "", values=(0.2,))]
    save(old, tmp_path / "rows.json")
    assert load(tmp_path / "rows.json") == old
    assert load(tmp_path / "none.json") == []
    new = [replace(ROW, values=(2.0,))]
    assert merged(old, new, ("start", "whole")) == [old[2], new[0]]
