"""Everything on a card stands inside the margins, in the right order of size, whatever there is to say."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.captions.headlines import fold_headline
from pipeline.errors import TitleTooLongError
from pipeline.media.rendering.fonts import find_font
from pipeline.media.rendering.titles.placing import Card, Faces, Words, place_card, place_lower_third
from pipeline.presets import load_preset

LOOK = load_preset("seu-2020").titles
FACES = Faces(find_font(LOOK.font), find_font(LOOK.text_font))
LONG = "学习贯彻习近平新时代中国特色社会主义思想，在疫情防控斗争中坚定制度自信与担当使命"
NAMES = ("张明远", "欧阳思源", "王静")


def _placed(words: Words, raster: tuple[int, int] = (1920, 1080)) -> Card:
    return place_card(words, LOOK, FACES, raster, lambda *args: fold_headline(*args, words.speakers))


@pytest.mark.parametrize("raster", [(1920, 1080), (1280, 720), (640, 360)])
@pytest.mark.parametrize("count", [0, 1, 2, 3])
@pytest.mark.parametrize("title", ["不忘初心", LONG])
def test_inside_the_margins_and_in_order(raster: tuple[int, int], count: int, title: str) -> None:
    unit = "东南大学马克思主义学院" if count else None
    card = _placed(Words(title, NAMES[:count], unit, "2020年7月"), raster)
    for run in card.runs:
        left, top, right, bottom = run.box
        assert left >= raster[0] * 0.1 - 1
        assert right <= raster[0] * 0.9 + 1
        assert top >= raster[1] * 0.1 - 1
        assert bottom <= raster[1] * 0.9 + 1
    title = [run.size_px for run in card.runs if run.ink == "title"]
    names = [run.size_px for run in card.runs if run.ink == "text" and run.font == FACES.strong]
    small = [run.size_px for run in card.runs if run.ink == "text" and run.font == FACES.plain]
    if count:
        assert min(title) > max(names) > max(small)
    assert (card.rule is not None) == bool(count)


def test_forty_characters_stand_in_two_lines_of_one_size() -> None:
    title = [run for run in _placed(Words(LONG, NAMES)).runs if run.ink == "title"]
    assert len(title) == 2
    assert len({run.size_px for run in title}) == 1
    assert title[0].size_px >= 60


def test_lines_do_not_touch() -> None:
    card = _placed(Words(LONG, NAMES, "东南大学马克思主义学院"))
    rows = sorted({(run.top, run.top + run.size_px) for run in card.runs if run.ink != "accent"})
    assert all(above[1] < below[0] for above, below in pairwise(rows))


def test_what_fits_nowhere_is_refused_as_usage() -> None:
    with pytest.raises(TitleTooLongError) as caught:
        _placed(Words("坚" * 300))
    assert caught.value.exit_code == 2


@given(st.integers(1, 14), st.integers(0, 5))
def test_any_title_stays_inside_or_is_refused(words: int, speakers: int) -> None:
    try:
        card = _placed(Words("中国共产党人的初心"[:9] * words, ("欧阳思源",) * speakers, "马克思主义学院" * 3))
    except TitleTooLongError:
        assert words > 9
        return
    assert all(run.box[0] >= 192 - 1 and run.box[2] <= 1728 + 1 for run in card.runs)


@pytest.mark.parametrize("names", [("张明远",), ("张明远", "李思源", "王建国"), ("詹姆斯·克拉克·麦克斯韦",)])
def test_a_lower_third_keeps_its_panel(names: tuple[str, ...]) -> None:
    words = Words("", names, "东南大学马克思主义学院思想政治理论课教研中心")
    runs, (width, height) = place_lower_third(words, LOOK, FACES, 1080, fold_headline, 700)
    assert width <= 700
    assert width % 2 == height % 2 == 0
    assert all(run.left > 0 and run.box[2] < width and run.top > 0 and run.box[3] < height for run in runs)
    assert runs[0].size_px > runs[-1].size_px
    assert all(above.box[3] < below.top for above, below in pairwise(runs)), "one row below the other"


@pytest.mark.parametrize(
    "words", [Words("", ("张" * 60,)), Words("", ("张三",), "院" * 200), Words("", ("张三李",) * 40)]
)
def test_a_lower_third_without_room_is_refused(words: Words) -> None:
    with pytest.raises(TitleTooLongError):
        place_lower_third(words, LOOK, FACES, 1080, fold_headline, 700)
