"""What two machines must have alike so that either makes the same files, and whether they do."""

import hashlib
import tempfile
from collections.abc import Mapping
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python

from pipeline import __version__
from pipeline.engines.base import choose_engines
from pipeline.engines.models import describe_model
from pipeline.errors import ForeignWorkerError, WeikeError
from pipeline.media.binaries import ffmpeg
from pipeline.media.graph import compile_args, run_ffmpeg
from pipeline.media.rendering.encoders import ENCODERS, SOFTWARE, Budget, choose, settle
from pipeline.media.rendering.fonts import find_font
from pipeline.presets import Preset
from pipeline.store import file_sha256, key_of
from pipeline.terms import preset_terms
from pipeline.texts import N_, _
from pipeline.timing import FrameGrid

Traits = Mapping[str, str]
"""By what is compared; each value is told to a person."""
_PACKAGES = ("av", "ctranslate2", "faster-whisper", "numpy", "onnxruntime", "opencc", "rapidocr", "rjieba", "torch")
_FRAMES = 10
_NAMES = {
    "weike": N_("Weike"),
    "code": N_("Weike's own files"),
    "ffmpeg": N_("ffmpeg"),
    "encoder": N_("encoder"),
    "picture": N_("a test picture, encoded"),
    "preset": N_("the preset with its lists of terms"),
    "model": N_("recognition model"),
    "font": N_("font"),
}


def traits_here(preset: Preset, encoder: str | None = None) -> dict[str, str]:
    """Return what this machine is like.

    Whether ffmpeg and the processor make the same picture is not inferred from versions: a test picture is encoded.

    Args:
        preset: of the season.
        encoder: the name of the one that is settled; ``None`` settles it, as the preset says.

    Raises:
        WeikeError: it cannot do the work at all.
    """
    settle(encoder or choose(preset.encoder).name)
    chosen = choose(preset.encoder).name
    found = {
        **program_here(),
        "ffmpeg": ffmpeg().version,
        "encoder": chosen,
        "picture": _test_picture() if chosen == SOFTWARE else "",
        "preset": key_of(preset, preset_terms(preset.recognition.terms))[:12],
        "model": _model(preset),
        "font": _font(preset),
    }
    return found | {package: version(package) for package in _PACKAGES}


def program_here() -> dict[str, str]:
    """Return which Weike this is: to be compared first, since another may not even understand what it is told."""
    return {"weike": __version__, "code": _digest_of_code()}


def require_alike(here: Traits, there: Traits) -> None:
    """Refuse a machine that differs from the coordinator's.

    Raises:
        ForeignWorkerError: in what they differ.
    """
    lines = [
        _("{what} is {here} here and {there} there").format(
            what=_(_NAMES.get(name, name)), here=here.get(name) or "–", there=there.get(name) or "–"
        )
        for name in sorted({*here, *there}, key=lambda name: (name not in _NAMES, name))
        if here.get(name) != there.get(name)
    ]
    if lines:
        raise ForeignWorkerError(differences="; ".join(lines))


def _digest_of_code() -> str:
    """Return a digest of the package's modules: two checkouts may bear one version."""
    root, digest = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()} {file_sha256(path)}\n".encode())
    return digest.hexdigest()[:12]


def _test_picture() -> str:
    """Return a digest of a few frames, encoded as segments are."""
    encoder = ENCODERS[SOFTWARE]
    rung, grid = encoder.ladder("balanced")[0], FrameGrid(Fraction(25), _FRAMES)
    options: dict[str, Any] = encoder.options(rung.at(rung.usual), grid, 5, Budget(6_000_000, 12_000_000))
    with tempfile.TemporaryDirectory(prefix="weike-likeness-") as folder:
        out = Path(folder) / "test.h264"
        source = ffmpeg_python.input(f"testsrc2=size=640x360:rate=25:duration={_FRAMES / 25}", f="lavfi")
        node = source.filter("format", "yuv420p").output(str(out), **options, f="h264")
        run_ffmpeg(compile_args(node), subject=out)
        return file_sha256(out)[:12]


def _model(preset: Preset) -> str:
    """Return engine and model; a machine without one can still work with scripts, if all are alike in that."""
    settings = preset.recognition
    try:
        engines = sorted(f"{engine.name} {engine.version()}" for engine in choose_engines(settings.engine))
        return f"{describe_model(settings.model).sha256[:12]} ({', '.join(engines)})"
    except WeikeError as error:
        return error.id


def _font(preset: Preset) -> str:
    if not preset.captions.burn:
        return ""
    font = find_font(preset.captions.font)
    return f"{font.family} {file_sha256(font.path)[:12]}"
