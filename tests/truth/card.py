"""A test card that a program reads back without OCR: a frame counter, eight colours in order, a flash.

Four bands of equal height. The first holds the frame's number as ten cells in Gray code (neighbours differ in one
cell, so a blend of two frames reads as one of them); the second the same cells inverted, so that a cell is judged
against its own opposite whatever happened to brightness. The third holds eight colours that grow darker from left to
right, which no turned or mirrored picture shows. The fourth flashes white for a tenth of each whole second.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

CELLS = 10
_HIGH, _LOW = 0.55, 0.15
"""Code values of the colours. At 0.55 light is 0.24 of white: below 0.3, where tone-mapping leaves all alone."""
COLOURS = tuple(
    tuple(_HIGH if is_high else _LOW for is_high in name)
    for name in ((1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0))
)
"""White, yellow, cyan, green, magenta, red, blue, black, as red, green, blue from 0 to 1."""
_KR, _KB = 0.2126, 0.0722
"""Source: ITU-R BT.709-6, 3.2."""
_CONTRAST_MIN = 30


@dataclass(frozen=True, slots=True)
class Reading:
    """What one delivered frame shows."""

    number: int | None
    """``None`` when cells and their opposites do not tell."""
    is_lit: bool
    is_upright: bool
    colours: tuple[tuple[float, float, float], ...]
    """Y, U and V of the eight patches, 8 bits."""


def draw(number: int, size: tuple[int, int], *, is_lit: bool) -> NDArray[np.float32]:
    """Return the card as (height, width, 3) display code values from 0 to 1."""
    width, height = size
    card = np.zeros((height, width, 3), np.float32)
    rows = [round(height * band / 4) for band in range(5)]
    code = number ^ number >> 1
    for cell in range(CELLS):
        columns = slice(round(width * cell / CELLS), round(width * (cell + 1) / CELLS))
        bit = code >> (CELLS - 1 - cell) & 1
        card[rows[0] : rows[1], columns] = bit
        card[rows[1] : rows[2], columns] = 1 - bit
    for place, colour in enumerate(COLOURS):
        card[rows[2] : rows[3], round(width * place / 8) : round(width * (place + 1) / 8)] = colour
    card[rows[3] :] = float(is_lit)
    return card


def read(planes: tuple[NDArray[np.uint8], ...], box: tuple[int, int, int, int]) -> Reading:
    """Return what the card inside ``box`` (left, top, width, height) of a frame's Y, U and V planes shows."""
    cells = np.array([_mean(planes[0], box, cell, CELLS, 0) for cell in range(CELLS)])
    opposites = np.array([_mean(planes[0], box, cell, CELLS, 1) for cell in range(CELLS)])
    colours = tuple(
        (
            _mean(planes[0], box, place, 8, 2),
            _mean(planes[1], box, place, 8, 2, 2),
            _mean(planes[2], box, place, 8, 2, 2),
        )
        for place in range(8)
    )
    lumas = [colour[0] for colour in colours]
    return Reading(
        number=_number(cells > opposites) if abs(cells - opposites).min() >= _CONTRAST_MIN else None,
        is_lit=_mean(planes[0], box, 0, 1, 3) > 110,
        is_upright=all(a > b for a, b in pairwise(lumas)),
        colours=colours,
    )


def expected_colours() -> NDArray[np.float64]:
    """Return Y, U and V of the patches in BT.709, limited range, 8 bits: (8, 3). Source: ITU-R BT.709-6, 3.4."""
    red, green, blue = np.array(COLOURS).T
    luma = _KR * red + (1 - _KR - _KB) * green + _KB * blue
    u, v = (blue - luma) / (2 - 2 * _KB), (red - luma) / (2 - 2 * _KR)
    return np.stack([16 + 219 * luma, 128 + 224 * u, 128 + 224 * v], axis=1)


def _mean(
    plane: NDArray[np.uint8], box: tuple[int, int, int, int], place: int, places: int, band: int, step: int = 1
) -> float:
    """Return the mean of the middle of one cell; ``step`` is 2 for planes of half the size."""
    left, top, width, height = (length / step for length in box)
    x, y = left + width * (place + 0.5) / places, top + height * (band + 0.5) / 4
    half_x, half_y = width / places / 4, height / 16
    part = plane[int(y - half_y) : int(y + half_y) + 1, int(x - half_x) : int(x + half_x) + 1]
    return float(part.mean())


def _number(bits: NDArray[np.bool_]) -> int:
    """Return the number of which these cells are the Gray code."""
    number, bit = 0, 0
    for cell in bits:
        bit ^= int(cell)
        number = number << 1 | bit
    return number
