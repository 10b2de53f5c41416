"""Cards as pictures, composed with moviepy: words on a quiet ground that appear, stand, and go.

moviepy is right for a few composed seconds; nothing here touches the full length of a lecture.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import LogoFileError
from pipeline.media.rendering.titles.placing import LINES_PX, Card, Placed
from pipeline.media.sources import require_regular_file
from pipeline.presets import TitleSettings
from pipeline.timing import FrameGrid

Pixels = NDArray[np.uint8]
"""``(height, width, 3)`` uint8, RGB; with a fourth channel, opacity, where it is said."""

LOGO_FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
_LOGO_MAX_PX = 40_000_000
"""More pixels than any logo has; decoding them would only take memory."""
_PANEL_OPACITY = 0.9
_BAR_PX = 6


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a card's picture is made of."""

    card: Card
    look: TitleSettings
    raster: tuple[int, int]
    fonts: dict[Path, str]
    """For each font's file, the file that draws its face alone."""
    logo: Path | None = None


def card_frames(scene: Scene, grid: FrameGrid) -> Iterator[Pixels]:
    """Yield every frame of the opening card: the words appear on the ground, stand, and all of it goes to black."""
    clip = _card(scene, float(grid.duration_s))
    fading = scene.look.fade_s
    still = None
    for number in range(grid.count):
        time = float(grid.time_s(number))
        if fading < time < float(grid.duration_s) - fading:
            still = _seen(clip, time) if still is None else still
            yield still
        else:
            yield _seen(clip, time)


def card_still(scene: Scene) -> Pixels:
    """Return the card as it stands: the cover picture."""
    clip = _card(scene, scene.look.seconds)
    return _seen(clip, scene.look.seconds / 2)


def lower_third(
    runs: tuple[Placed, ...], panel: tuple[int, int], look: TitleSettings, fonts: dict[Path, str], lines_px: int
) -> Pixels:
    """Return a speaker's panel as ``(height, width, 4)``, opacity last and not multiplied in.

    Its ground lets the picture through a little; the words do not.

    Args:
        runs: the words in their places on the panel.
        panel: its width and height.
        look: the preset's colours.
        fonts: as ``Scene`` has them.
        lines_px: height of the picture that it is for.
    """
    from moviepy import ColorClip, CompositeVideoClip

    bar = max(2, round(_BAR_PX * lines_px / LINES_PX))
    solid = [
        ColorClip((bar, panel[1]), color=_rgb(look.accent), duration=1),
        *(_text(run, look, fonts) for run in runs),
    ]
    ground = ColorClip(panel, color=_rgb(look.ground), duration=1)
    colours = _seen(CompositeVideoClip([ground, *solid], size=panel).with_duration(1), 0)
    words = CompositeVideoClip(solid, size=panel, bg_color=None).with_duration(1).mask.get_frame(0)
    opacity = np.rint((_PANEL_OPACITY + (1 - _PANEL_OPACITY) * words) * 255).astype(np.uint8)
    return np.dstack([colours, opacity])


def read_logo(path: Path, room: tuple[int, int]) -> Pixels:
    """Return a logo at the largest size that fits into ``room`` (width, height), with its opacity.

    Raises:
        InputError: it is no file, or no picture that can be used.
    """
    from PIL import Image

    require_regular_file(path)
    try:
        with Image.open(path, formats=LOGO_FORMATS) as picture:
            if picture.width * picture.height > _LOGO_MAX_PX:
                raise LogoFileError(path, reason=f"{picture.width}×{picture.height}")
            picture.load()
            ratio = min(room[0] / picture.width, room[1] / picture.height)
            size = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
            return np.asarray(picture.convert("RGBA").resize(size, Image.Resampling.LANCZOS))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise LogoFileError(path, reason=str(error)) from None


def _seen(clip: Any, time_s: float) -> Pixels:
    """Return a frame in whole numbers: moviepy's fades leave fractions."""
    frame: Pixels = np.rint(clip.get_frame(time_s)).astype(np.uint8)
    return frame


def _card(scene: Scene, seconds: float) -> Any:
    from moviepy import ColorClip, CompositeVideoClip, ImageClip, vfx

    look, fade = scene.look, scene.look.fade_s
    above: list[Any] = [_text(run, look, scene.fonts) for run in scene.card.runs]
    if scene.card.rule is not None:
        left, top, width, height = scene.card.rule
        above.append(ColorClip((width, height), color=_rgb(look.accent)).with_position((left, top)))
    if scene.logo is not None and scene.card.logo is not None:
        left, top, width, height = scene.card.logo
        logo = read_logo(scene.logo, (width, height))
        place = (left + (width - logo.shape[1]) // 2, top + (height - logo.shape[0]) // 2)
        above.append(ImageClip(logo, transparent=True).with_position(place))
    effects = [vfx.CrossFadeIn(fade)] if fade else []
    shown = [clip.with_duration(seconds).with_effects(effects) for clip in above]
    ground = ImageClip(_ground(look, scene.raster)).with_duration(seconds)
    whole = CompositeVideoClip([ground, *shown], size=scene.raster).with_duration(seconds)
    return whole.with_effects([vfx.FadeOut(fade)]) if fade else whole


def _text(run: Placed, look: TitleSettings, fonts: dict[Path, str]) -> Any:
    """Return a run of text as a clip in its place; moviepy sets its baseline at the font's ascent."""
    from moviepy import TextClip
    from PIL import ImageFont

    path = fonts.get(run.font.path, str(run.font.path))
    ascent, descent = ImageFont.truetype(path, run.size_px).getmetrics()
    colour = {"title": look.title, "text": look.text, "accent": look.accent}[run.ink]
    pad = run.size_px // 8
    clip = TextClip(
        font=path,
        text=run.text,
        font_size=run.size_px,
        color=colour,
        size=(round(run.width) + 2 * pad, ascent + descent),
        margin=(0, 0),
        horizontal_align="center",
        vertical_align="top",
        duration=1,
    )
    em_top = ascent - 0.88 * run.size_px
    return clip.with_position((round(run.left - pad), round(run.top - em_top)))


def _ground(look: TitleSettings, raster: tuple[int, int]) -> Pixels:
    """Return the ground: one colour that darkens softly towards the corners."""
    width, height = raster
    x = (np.arange(width) + 0.5) / width - 0.5
    y = (np.arange(height) + 0.5) / height - look.position
    distance = np.clip(np.hypot(*np.meshgrid(x * 1.25, y * 1.25)) / 0.9, 0, 1)
    share = (distance * distance * (3 - 2 * distance))[..., None]
    light, dark = (np.array(_rgb(colour), float) for colour in (look.ground, look.shade))
    shaded: Pixels = np.rint(light + (dark - light) * share).astype(np.uint8)
    return shaded


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue
