"""Pictures, decoded to their last line within bounds of memory."""

import warnings
from dataclasses import dataclass
from pathlib import Path

from pipeline.packages.records import Content
from pipeline.texts import N_, Message

PIXELS_MAX = 178_000_000
"""Pixels that are decoded at most, all frames of an animation together. Source: Pillow's own limit."""
_TRUNCATED = N_("The picture is incomplete or damaged. Copy it again from the camera or phone.")
_HUGE = N_("The picture has {pixels} million pixels, more than can be opened safely. Make it smaller.")
_HEIC = N_("It is a HEIC picture, which many computers do not open. Export it as JPEG.")


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    suffixes: tuple[str, ...]
    magics: tuple[bytes, ...]


_FORMS = {
    "JPEG": _Form("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), (b"\xff\xd8\xff",)),
    "PNG": _Form("PNG", (".png",), (b"\x89PNG\r\n\x1a\n",)),
    "GIF": _Form("GIF", (".gif",), (b"GIF87a", b"GIF89a")),
    "BMP": _Form("BMP", (".bmp", ".dib"), (b"BM",)),
    "TIFF": _Form("TIFF", (".tif", ".tiff"), (b"II*\x00", b"MM\x00*")),
    "WEBP": _Form("WebP", (".webp",), (b"RIFF",)),
}
"""By Pillow's names."""
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif")


def read(path: Path, head: bytes) -> Content | None:
    """Return what a picture holds; ``None`` for what is none by its first bytes."""
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return Content("picture", "HEIC", (".heic", ".heif", ".avif"), Message(_HEIC))
    for pillow_name, form in _FORMS.items():
        if head.startswith(form.magics) and not (pillow_name == "WEBP" and head[8:12] != b"WEBP"):
            if pillow_name == "BMP" and not _is_bmp(head):
                continue
            problem, detail = _decode(path, pillow_name)
            return Content("picture", form.name, form.suffixes, problem, detail=detail)
    return None


def _is_bmp(head: bytes) -> bool:
    """Tell a bitmap from a text that begins with BM: its header's length stands where it must."""
    return int.from_bytes(head[14:18], "little") in {12, 16, 40, 52, 56, 64, 108, 124}


def _decode(path: Path, form: str) -> tuple[Message | None, str]:
    """Return what is wrong with a picture, and its raster."""
    from PIL import Image, ImageSequence

    # Photographs of several pictures in one file are JPEGs to everybody else.
    forms = ("JPEG", "MPO") if form == "JPEG" else (form,)
    raster = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=forms) as picture:
                raster = f"{picture.width}×{picture.height}"
                left = PIXELS_MAX
                for frame in ImageSequence.Iterator(picture):
                    left -= frame.width * frame.height
                    if left < 0:
                        break
                    frame.load()
                if left < 0 and picture.width * picture.height > PIXELS_MAX:
                    return _huge(picture.width * picture.height), raster
    except Image.DecompressionBombError:
        return _huge(None), raster
    except Exception as error:  # a stranger's file makes decoders raise nearly anything: struct, zlib, values, indices
        return Message(_TRUNCATED, {"reason": str(error)}), raster
    return None, raster


def _huge(pixels: int | None) -> Message:
    return Message(_HUGE, {"pixels": f"{pixels / 1e6:,.0f}" if pixels else f"> {PIXELS_MAX / 1e6:,.0f}"})
