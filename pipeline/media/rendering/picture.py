"""The one filter chain: from the recording's picture to frames of the delivery, doing only what the source needs.

Turn, deinterlace, tone-map, rate, scale, pad, mark, lay panels over, draw subtitles, in this order. ffmpeg itself turns
the picture as its display matrix says, before the first filter. Every filter but the deinterlacer looks at one frame
alone, so a frame comes out the same wherever decoding began; a frame that repeats the one before can therefore be left
out from scaling to subtitles and put back at the end. Side data goes: what it says is done (rotation) or no longer true
(HDR).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any, Literal

from pipeline.errors import NoFfmpegError
from pipeline.media.binaries import ffmpeg
from pipeline.media.rendering import repeats
from pipeline.media.rendering.overlay import Panel, laid_over, panels_in
from pipeline.media.rendering.timeline import Timeline
from pipeline.media.sources import ffmpeg_input
from pipeline.records import Recording, VideoStream
from pipeline.texts import N_, Message

SUBTITLES = "sub.ass"
FONTS = "font"
"""Fixed names in a private working folder: no name that a person chose ever stands in a filter graph."""

_HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
_HDR_FILTERS = frozenset({"zscale", "tonemap"})
_WIDE_PRIMARIES = frozenset({"bt2020", "smpte431", "smpte432"})
"""BT.2020 and the two P3: shown as if they were BT.709, their colours would be pale."""
_RESIZED = frozenset({"yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"})
"""Pixel formats that zscale is given."""
_REFERENCE_WHITE_NITS = 203
"""Luminance that becomes white paper. Source: ITU-R BT.2408-7, 2.2."""
_SD_LINES = 576
"""Unmarked pictures up to this height are BT.601, higher ones BT.709. Source: ITU-R BT.601-7, BT.709-6 by use."""
_MATRICES = {
    "bt709": "bt709",
    "smpte170m": "bt601",
    "bt470bg": "bt601",
    "fcc": "fcc",
    "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}
"""Colour matrices by ffmpeg's names, as the ``scale`` filter calls them."""
_MARKS = {"bt601": "smpte170m", "bt2020": "bt2020nc"}
"""The same matrices as a frame is marked with them, where the names differ."""
_BLUR_SHRINK, _BLUR_SIGMA, _BLUR_LIGHT = 10, 6, 0.6
"""Blurred sides: made at a tenth of the size, which costs next to nothing, and darker than the picture."""

Sides = Literal["black", "blur"]


@dataclass(frozen=True, slots=True)
class PicturePlan:
    """All that decides what a frame of the delivery looks like, subtitles aside."""

    is_interlaced: bool
    hdr_transfer: str | None
    """Transfer of an HDR picture, which is then tone-mapped; ``None``: standard range."""
    rotation: int
    """Degrees clockwise."""
    is_mirrored: bool
    """Mirrored left to right before it is turned."""
    width: int
    """Of the picture inside the raster, after turning."""
    height: int
    is_scaled: bool
    """Size, colour matrix or range change."""
    matrix: str
    is_full_range: bool
    is_rgb: bool
    raster: tuple[int, int]
    """Width and height of the delivery."""
    sides: Sides = "black"
    """What fills the raster where the picture does not."""
    wide_primaries: str | None = None
    """Primaries of a standard-range picture that are converted to BT.709; ``None``: they are BT.709 or near it."""
    is_only_resized: bool = False
    """Nothing but the size changes, in a form that zscale knows: it takes half the time of ``scale``."""

    @property
    def is_padded(self) -> bool:
        """The picture does not fill the raster."""
        return (self.width, self.height) != self.raster

    @property
    def is_recoloured(self) -> bool:
        """Colours are converted in linear light, before the rate is set, and the size with them."""
        return self.hdr_transfer is not None or self.wide_primaries is not None


def plan_picture(video: VideoStream, raster: tuple[int, int], sides: Sides = "black") -> PicturePlan:
    """Return what must be done to a picture to fill ``raster`` (width, height), its ``sides`` black or blurred.

    Raises:
        NoFfmpegError: an HDR picture, and this ffmpeg cannot tone-map.
    """
    width, height = _fitted(video, raster)
    matrix = _MATRICES.get(video.matrix or "", "bt601" if video.height <= _SD_LINES else "bt709")
    is_hdr = video.transfer in _HDR_TRANSFERS
    if is_hdr and (missing := _HDR_FILTERS - ffmpeg().filters):
        raise NoFfmpegError(reason=", ".join(sorted(missing)))
    has_rgb = video.pixel_format.startswith(("rgb", "bgr", "gbr", "argb", "abgr", "pal8", "0rgb", "0bgr"))
    changes = _turned(video) != (width, height) or matrix != "bt709" or video.is_full_range or has_rgb
    return PicturePlan(
        is_interlaced=video.is_interlaced,
        hdr_transfer=video.transfer if is_hdr else None,
        rotation=video.rotation,
        is_mirrored=video.is_mirrored,
        width=width,
        height=height,
        is_scaled=changes,
        is_only_resized=changes and _can_resize(video, matrix),
        matrix=matrix,
        is_full_range=video.is_full_range or has_rgb,
        is_rgb=has_rgb,
        raster=raster,
        sides=sides,
        wide_primaries=None if is_hdr or "zscale" not in ffmpeg().filters else _wide_primaries(video),
    )


def _can_resize(video: VideoStream, matrix: str) -> bool:
    """Tell whether zscale brings a picture to the delivery's size: BT.709 already, even sides, a usual form."""
    is_even = video.width % 2 == 0 and video.height % 2 == 0
    is_usual = video.pixel_format in _RESIZED and matrix == "bt709" and not video.is_full_range
    return is_usual and is_even and "zscale" in ffmpeg().filters


def _turned(video: VideoStream) -> tuple[int, int]:
    """Return width and height as ffmpeg hands a picture to the first filter."""
    return (video.height, video.width) if video.rotation in {90, 270} else (video.width, video.height)


def _spares_repeats(video: VideoStream, plan: PicturePlan, timeline: Timeline) -> bool:
    """Tell whether it pays to find the frames that repeat the one before: many do, and much is done to each."""
    is_blurred = plan.is_padded and plan.sides == "blur"
    return (plan.is_scaled or is_blurred) and not plan.is_recoloured and repeats.are_many(video, timeline)


def _of_length(stream: Any, count: int) -> Any:
    """Cut after ``count`` frames, or hold the last one until there are as many."""
    return stream.filter("tpad", stop=-1, stop_mode="clone").filter("trim", end_frame=count)


def _wide_primaries(video: VideoStream) -> str | None:
    """Return the primaries of a picture if they are wider than BT.709; a BT.2020 matrix tells of unmarked ones."""
    said = video.primaries or ("bt2020" if _MATRICES.get(video.matrix or "") == "bt2020" else None)
    return said if said in _WIDE_PRIMARIES else None


def picture_frames(
    recording: Recording,
    plan: PicturePlan,
    timeline: Timeline,
    frames: tuple[int, int],
    *,
    changes: Sequence[int] | None,
    panels: Sequence[Panel] = (),
    from_start: bool = False,
) -> Any:
    """Return an ffmpeg-python stream of exactly the delivery's frames ``[a, b)``, numbered from 0.

    The log of a run that seeks holds, as its first number, the time stamp at which decoding began (``landed_ticks``).

    Args:
        recording: the source.
        plan: what is done to the picture.
        timeline: which frame is shown when.
        frames: ``a`` and ``b``.
        changes: the frames at which a cue of ``SUBTITLES`` begins or ends, which are drawn with the font in ``FONTS``,
            both in the working folder. ``None``: nothing is drawn.
        panels: what is laid over the picture, on the timeline's clock.
        from_start: decode from the beginning, do not seek.
    """
    assert recording.video is not None
    start, stop = frames
    seek = None if from_start else timeline.seek_ticks(start)
    stream = ffmpeg_input(recording.path, **_input_options(recording.video, timeline, seek))[str(recording.video.index)]
    if plan.is_interlaced:
        stream = stream.filter("bwdif", mode="send_frame", parity="auto", deint="all")
    if plan.hdr_transfer is not None:
        stream = _tone_mapped(stream, plan)
    elif plan.wide_primaries is not None:
        stream = _narrowed(stream, plan)
    stream = _on_grid(stream, recording, timeline, start, is_sought=seek is not None)
    # The end counts as a change, so that the last frame is kept and the others can be put back before it.
    marks = [change - start for change in (*(changes or ()), stop) if start < change <= stop]
    can_part = len(marks) <= repeats.CHANGES_MAX and not panels_in(panels, frames)
    has_repeats = can_part and _spares_repeats(recording.video, plan, timeline)
    # One more is kept behind them where some are left out: where a stream ends, its last frame may be lost.
    stream = _of_length(stream, stop - start + has_repeats).filter("sidedata", mode="delete")
    if has_repeats:
        stream = repeats.left_out(stream, _turned(recording.video), marks)
    stream = _sized(stream, plan).filter("format", "yuv420p")
    if plan.is_padded:
        stream = _filled(stream, plan)
    stream = stream.filter("setsar", "1").filter(
        "setparams", range="limited", color_primaries="bt709", color_trc="bt709", colorspace="bt709"
    )
    stream = laid_over(stream, panels, frames, timeline.grid.rate)
    if changes is not None:
        stream = stream.filter("ass", filename=SUBTITLES, fontsdir=FONTS)
    return _of_length(repeats.put_back(stream, timeline.grid.rate), stop - start) if has_repeats else stream


def landed_ticks(log: str, timeline: Timeline) -> int | None:
    """Return the time stamp of the first frame that was decoded, from the log of a run that sought."""
    for line in log.splitlines():
        text = line.rpartition("]")[2].strip()
        try:
            return round(float(text)) - _lead_ticks(timeline)
        except ValueError:
            continue
    return None


def repairs(recording: Recording, plan: PicturePlan, timeline: Timeline) -> tuple[Message, ...]:
    """Return what is done to the picture, for the report."""
    video = recording.video
    assert video is not None
    head, tail = (f"{float(frames / timeline.grid.rate):.2f}" for frames in timeline.held_frames())
    turned_height = video.width if video.rotation in {90, 270} else video.height
    is_pale = plan.hdr_transfer is None and plan.wide_primaries != _wide_primaries(video)
    told = {
        N_("The interlaced picture was deinterlaced."): plan.is_interlaced,
        N_("The HDR picture was converted to standard dynamic range (BT.709)."): plan.hdr_transfer is not None,
        N_("The variable frame rate was made constant: {rate} frames a second."): not video.is_constant_rate,
        N_("The frame rate was converted from {source_rate} to {rate} frames a second."): video.is_constant_rate
        and abs(video.frame_rate / timeline.grid.rate - 1) > Fraction(1, 1000),
        N_("The picture was turned by {degrees} degrees as its mark says."): plan.rotation != 0,
        N_("The picture was mirrored as its mark says."): plan.is_mirrored,
        N_("The picture was enlarged from {width}×{height}."): plan.height > turned_height,
        N_("Black bars fill the picture, whose shape is not {raster}."): plan.is_padded and plan.sides == "black",
        N_("Blurred sides fill the picture, whose shape is not {raster}."): plan.is_padded and plan.sides == "blur",
        N_("The colours were converted to BT.709, limited range."): plan.matrix != "bt709"
        or plan.is_full_range
        or plan.wide_primaries is not None,
        N_("The colours are of a wider gamut and look paler, since this ffmpeg lacks zscale."): is_pale,
        N_("The first frame is held for {head} seconds because the picture starts late."): head != "0.00",
        N_("The last frame is held for {tail} seconds because the picture ends before the sound."): tail != "0.00",
    }
    values = {
        "rate": f"{float(timeline.grid.rate):.5g}",
        "source_rate": f"{float(video.frame_rate):.5g}",
        "degrees": str(plan.rotation),
        "width": str(video.width),
        "height": str(video.height),
        "raster": "×".join(map(str, plan.raster)),
        "head": head,
        "tail": tail,
    }
    return tuple(Message(text, values) for text, is_so in told.items() if is_so)


def _fitted(video: VideoStream, raster: tuple[int, int]) -> tuple[int, int]:
    """Return the even size that fills the raster as far as the picture's shape allows."""
    width, height = video.width * (video.sar or Fraction(1)), Fraction(video.height)
    if video.rotation in {90, 270}:
        width, height = height, width
    ratio = min(raster[0] / width, raster[1] / height)
    return _even(width * ratio, raster[0]), _even(height * ratio, raster[1])


def _even(length: Fraction, most: int) -> int:
    """Return the nearest even length; one that misses the whole raster by a hair fills it."""
    return most if most - length < 2 else max(2, 2 * round(length / 2))


def _input_options(video: VideoStream, timeline: Timeline, seek: int | None) -> dict[str, Any]:
    """Return how the input is opened: time stamps untouched but for a shift, and sought without further trimming."""
    if timeline.is_untimed:
        return {"r": f"{video.frame_rate.numerator}/{video.frame_rate.denominator}", "reinit_filter": 0}
    options: dict[str, Any] = {
        "copyts": None,
        "reinit_filter": 0,
        "itsoffset": _lead_s(timeline),
    }
    if seek is not None:
        microseconds = -(-seek * 1_000_000 // timeline.ticks_per_s)
        options |= {"ss": f"{microseconds}us", "seek_timestamp": 1, "noaccurate_seek": None}
    return options


def _lead_s(timeline: Timeline) -> int:
    """Return the seconds added to all time stamps.

    Without it the end of the stream can seem to come before its last frame, which the ``fps`` filter then drops: some
    versions of ``setpts`` hand the end's time on as it is.
    """
    earliest = timeline.pts_ticks[0] if timeline.pts_ticks else timeline.offset_ticks
    return ceil(timeline.grid.duration_s) + 60 + abs(min(0, earliest // timeline.ticks_per_s))


def _lead_ticks(timeline: Timeline) -> int:
    """Return how much larger decoded frames' time stamps are than the timeline's."""
    return _lead_s(timeline) * timeline.ticks_per_s + timeline.delay_ticks


def _on_grid(stream: Any, recording: Recording, timeline: Timeline, start: int, *, is_sought: bool) -> Any:
    """Put each frame at its place on the grid, counted from ``start``, and repeat or drop frames to fill it.

    Frames of a raw stream, which has no time stamps, are counted off at the stream's rate; those that a demuxer makes
    up for it are not believed.
    """
    assert recording.video is not None
    step, lead = timeline.ticks_per_frame, 0 if timeline.is_untimed else _lead_ticks(timeline)
    time = "PTS"
    if not timeline.pts_ticks:
        origin = round(recording.origin_s * timeline.ticks_per_s) + lead
        time = f"{origin}+N*{float(timeline.ticks_per_s / recording.video.frame_rate)}"
        if not timeline.is_untimed:
            time = f"if(isnan(PTS),{time},PTS)"
    place = f"{step}*(floor(({time}-{timeline.offset_ticks + lead})/{step})-{start})"
    if timeline.pts_ticks:
        last = timeline.pts_ticks[-1] + lead
        beyond = step * (timeline.grid.count + 1)
        place = f"if(gt(PTS,{last}),{beyond},{place})"
    if is_sought:
        place = f"if(eq(N,0),0*print(PTS,24))+{place}"
    rate = timeline.grid.rate
    return (
        stream.filter("settb", expr=f"1/{timeline.ticks_per_s}")
        .filter("setpts", expr=place)
        .filter("fps", fps=f"{rate.numerator}/{rate.denominator}", start_time=0, round="near")
    )


def _sized(stream: Any, plan: PicturePlan) -> Any:
    """Bring the picture to its size and to BT.709, unless that was done with its colours."""
    if plan.is_recoloured:
        return stream
    if plan.is_only_resized:
        return stream.filter("zscale", w=plan.width, h=plan.height, f="lanczos")
    if not plan.is_scaled:
        return stream
    return stream.filter(
        "scale",
        plan.width,
        plan.height,
        flags="lanczos+accurate_rnd+full_chroma_int",
        in_color_matrix=plan.matrix,
        in_range="full" if plan.is_full_range else "limited",
        out_color_matrix="bt709",
        out_range="limited",
    )


def _filled(stream: Any, plan: PicturePlan) -> Any:
    """Centre the picture in the raster, on black or on a blurred, darker copy of itself that covers the raster."""
    if plan.sides == "black":
        return stream.filter("pad", *plan.raster, "(ow-iw)/2", "(oh-ih)/2", "black")
    width, height = plan.raster
    small = (width // _BLUR_SHRINK, height // _BLUR_SHRINK)
    dimmed = f"128+(val-128)*{_BLUR_LIGHT}"
    both = stream.filter_multi_output("split", 2)
    ground = (
        both.stream(1)
        .filter("scale", *small, force_original_aspect_ratio="increase", flags="area")
        .filter("crop", *small)
        .filter("gblur", sigma=_BLUR_SIGMA)
        .filter("lutyuv", y=f"16+(val-16)*{_BLUR_LIGHT}", u=dimmed, v=dimmed)
        .filter("scale", width, height, flags="bicubic")
        .filter("setsar", "1")
    )
    return ground.overlay(both.stream(0).filter("setsar", "1"), x="(W-w)/2", y="(H-h)/2", eof_action="endall")


def _tone_mapped(stream: Any, plan: PicturePlan) -> Any:
    """Bring HDR into BT.709, in linear light and at the delivery's size.

    The curve leaves reference white at about 88 % and lets only highlights roll off, so that slides stay white. HLG's
    curve works on luminance (ITU-R BT.2100-2, table 5); the approximation bends each colour apart, which shifts hues.
    """
    exact = {"agamma": 0} if plan.hdr_transfer == "arib-std-b67" else {}
    return (
        stream.filter(
            "setparams",
            range="full" if plan.is_full_range else "limited",
            color_primaries="bt2020",
            color_trc=plan.hdr_transfer,
            colorspace="bt2020nc",
        )
        .filter("zscale", w=plan.width, h=plan.height, f="lanczos", t="linear", npl=_REFERENCE_WHITE_NITS, **exact)
        .filter("format", "gbrpf32le")
        .filter("zscale", p="bt709")
        .filter("tonemap", tonemap="mobius", desat=0)
        .filter("zscale", t="bt709", m="bt709", r="limited")
        .filter("format", "yuv420p")
    )


def _narrowed(stream: Any, plan: PicturePlan) -> Any:
    """Bring a standard-range picture of a wider gamut into BT.709, in linear light and at the delivery's size.

    The transfer is taken for BT.709's on both sides, so that greys stay exactly what they were. Colours that BT.709
    does not hold are cut off at its edge.
    """
    return (
        stream.filter(
            "setparams",
            range="full" if plan.is_full_range else "limited",
            color_primaries=plan.wide_primaries,
            color_trc="bt709",
            colorspace="gbr" if plan.is_rgb else _MARKS.get(plan.matrix, plan.matrix),
        )
        .filter("zscale", w=plan.width, h=plan.height, f="lanczos", t="linear")
        .filter("format", "gbrpf32le")
        .filter("zscale", p="bt709")
        .filter("zscale", t="bt709", m="bt709", r="limited")
        .filter("format", "yuv420p")
    )
