"""Pictures of a lecture for the speed benchmark: slides with text, a lecturer who moves, and a camera's noise."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Plane = NDArray[np.int16]

SLIDE_S = 8
"""How long a slide stays, seconds."""
_SLIDES = 4
_FIELDS, _SLACK = 6, 64
"""Noise fields that are kept, and how far each is shifted at random: drawing new noise would take most of the time."""
_NOISE_LUMA, _NOISE_CHROMA = 1.8, 0.8
"""Standard deviation of the noise in steps of 8 bits: a camera indoors, after its own denoising."""
_SKIN, _COAT = (150, 112, 146), (70, 136, 122)
"""Luma and both chroma values."""


@dataclass(frozen=True)
class Look:
    """What is drawn."""

    width: int
    height: int
    font: str
    """Path of a Chinese font."""
    lines: tuple[str, ...]
    """Text of the slides."""
    is_filmed: bool = True
    """A camera's picture, with a lecturer and noise; else the slides as a screen shows them."""


def frames(look: Look, rate: int, count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield ``count`` frames at ``rate`` frames a second as planar 4:2:0, limited range."""
    scene = _Scene(look, seed)
    for number in range(count):
        slide = scene.slides[number // (SLIDE_S * rate) % _SLIDES]
        planes = [plane.copy() for plane in slide] if look.is_filmed else slide
        if look.is_filmed:
            scene.put_lecturer(planes, number / rate)
            scene.add_noise(planes)
        yield b"".join(plane.clip(16, 240).astype(np.uint8).tobytes() for plane in planes)


class _Scene:
    """The parts of a picture, each drawn once."""

    def __init__(self, look: Look, seed: int) -> None:
        self._look = look
        self._random = np.random.default_rng(seed)
        self._unit = look.height / 1080
        self.slides = [self._slide(number) for number in range(_SLIDES)]

    def _slide(self, number: int) -> list[Plane]:
        look, unit = self._look, self._unit
        ground = np.linspace(226, 206, look.height)[:, None].repeat(look.width, 1).astype(np.uint8)
        image = Image.fromarray(ground)
        draw = ImageDraw.Draw(image)
        head, body = (ImageFont.truetype(look.font, round(size * unit)) for size in (72, 48))
        draw.rectangle((0, 0, look.width, round(130 * unit)), fill=70)
        lines = look.lines[number * 7 :] + look.lines
        draw.text((80 * unit, 20 * unit), lines[0], font=head, fill=235)
        for place, line in enumerate(lines[1:7]):
            draw.text((110 * unit, (180 + 110 * place) * unit), line, font=body, fill=40)
        luma = np.asarray(image, np.int16)
        chroma = [np.full((look.height // 2, look.width // 2), value, np.int16) for value in (130, 126)]
        for plane, value in zip(chroma, (150, 116), strict=True):
            plane[: round(65 * unit)] = value
        return [luma, *chroma]

    @cached_property
    def _shapes(self) -> tuple[Plane, Plane]:
        """Head and body: luma of a grained ellipse each, 0 outside of it."""
        unit = self._unit
        return self._blob(round(240 * unit), round(310 * unit), _SKIN[0]), self._blob(
            round(420 * unit), round(420 * unit), _COAT[0]
        )

    def _blob(self, width: int, height: int, luma: int) -> Plane:
        width, height = width // 4 * 4, height // 4 * 4
        grain = self._random.normal(luma, 22, (height // 8 + 1, width // 8 + 1)).clip(20, 230).astype(np.uint8)
        shaded = np.asarray(Image.fromarray(grain).resize((width, height), Image.Resampling.BICUBIC), np.int16)
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        return np.where(x * x + y * y < 1, shaded, 0).astype(np.int16)

    def put_lecturer(self, planes: list[Plane], time_s: float) -> None:
        """Draw head and body where they are at that time: swaying, nodding, now and then a step aside."""
        unit = self._unit
        sway = 26 * np.sin(time_s * 1.7) + 60 * np.sin(time_s * 0.31)
        nod = 9 * np.sin(time_s * 5.3)
        head, body = self._shapes
        self._put(planes, body, (1370 + 0.7 * sway) * unit, 560 * unit, _COAT)
        self._put(planes, head, (1460 + sway) * unit, (310 + nod) * unit, _SKIN)

    @staticmethod
    def _put(planes: list[Plane], shape: Plane, left: float, top: float, colour: tuple[int, int, int]) -> None:
        x, y = round(left / 2) * 2, round(top / 2) * 2
        height, width = shape.shape
        for plane, value, step in zip(planes, (None, *colour[1:]), (1, 2, 2), strict=True):
            part = plane[y // step : (y + height) // step, x // step : (x + width) // step]
            small = shape[::step, ::step]
            np.copyto(part, small if value is None else np.int16(value), where=small > 0)

    @cached_property
    def _noise(self) -> list[tuple[Plane, Plane, Plane]]:
        look = self._look
        luma, chroma = (look.height, look.width), (look.height // 2, look.width // 2)
        return [
            (
                self._field(luma, _NOISE_LUMA),
                self._field(chroma, _NOISE_CHROMA),
                self._field(chroma, _NOISE_CHROMA),
            )
            for _ in range(_FIELDS)
        ]

    def _field(self, shape: tuple[int, int], strength: float) -> Plane:
        """Return noise that neighbouring points share in part, as after demosaicing."""
        raw = self._random.standard_normal((shape[0] + _SLACK + 1, shape[1] + _SLACK + 1), np.float32)
        mixed = raw[1:, 1:] + raw[:-1, 1:] + raw[1:, :-1] + raw[:-1, :-1]
        return (mixed * (strength / 2)).round().astype(np.int16)

    def add_noise(self, planes: list[Plane]) -> None:
        """Add one of the fields, shifted at random."""
        fields = self._noise[self._random.integers(_FIELDS)]
        down, across = self._random.integers(0, _SLACK, 2)
        for plane, field in zip(planes, fields, strict=True):
            height, width = plane.shape
            plane += field[down : down + height, across : across + width]
