"""The opening is read from the finished picture itself, wrong names are not taken for right ones."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.media.measuring.opening import read_opening
from pipeline.media.probing.probe import inspect
from pipeline.presets import load_preset
from pipeline.records import LectureInfo
from pipeline.stages.titles import CardJob, opening_clip
from pipeline.store import Store

INFO = LectureInfo("课", "在抗击疫情斗争中彰显制度优势", "张明远、李思源", "马克思主义学院")
RIGHT = (("title", INFO.title), ("unit", INFO.unit), ("speaker", "张明远"), ("speaker", "李思源"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    look = load_preset().titles.model_copy(update={"seconds": 3.0})
    return opening_clip(CardJob(INFO, look, (640, 360)), Fraction(25), Store(tmp_path_factory.mktemp("card")))


def test_everything_registered_is_found(clip: Path, store: Store) -> None:
    seen = read_opening(inspect(clip), RIGHT, 10, 0.9, store)  # type: ignore[arg-type]
    assert seen is not None
    assert [text.similarity for text in seen.texts] == [1.0] * 4
    assert seen.last_ms == 1000
    assert seen.thumbnail is not None
    assert seen.thumbnail.exists()


def test_what_the_card_does_not_say_is_not_found(clip: Path, store: Store) -> None:
    wrong = (("title", "在脱贫攻坚战场上书写青春答卷"), ("unit", "土木工程学院"), ("speaker", "王建国"), RIGHT[0])
    seen = read_opening(inspect(clip), wrong, 10, 0.9, store)  # type: ignore[arg-type]
    assert seen is not None
    assert all(text.similarity < 0.9 for text in seen.texts[:3])
    assert [text.at_ms is None for text in seen.texts[:3:2]] == [True, True]
    assert seen.texts[3].similarity == 1
    assert seen.last_ms is None


def test_a_card_that_stays_is_seen_to(clip: Path, store: Store) -> None:
    seen = read_opening(inspect(clip), RIGHT, 1.2, 0.9, store)  # type: ignore[arg-type]
    assert seen is not None
    assert seen.last_ms == 1700


def test_nothing_to_compare_nothing_read(clip: Path, store: Store, make_clip: Callable[..., Path]) -> None:
    assert read_opening(inspect(clip), (), 10, 0.9, store) is None
