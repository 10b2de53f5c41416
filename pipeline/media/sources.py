"""Opening a stranger's file: regular files only, real containers only, no network, no playlists.

A file whose content is a playlist makes ffmpeg open other files; both whitelists on every input stop that. Every
ffmpeg and PyAV input of the product is opened here.
"""

import os
import stat
from pathlib import Path
from typing import Any

import av
import ffmpeg
from av.container import InputContainer

from pipeline.errors import (
    EmptyFileError,
    NoSuchFileError,
    NotARegularFileError,
    NotMediaError,
    TruncatedError,
    UnreadableFileError,
)
from pipeline.texts import N_, _

PROTOCOLS = "file"
DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,mxf,dv,ogg,wav,w64,mp3,flac,aac,ac3,eac3,"
    "dts,dtshd,h264,hevc,m4v,rm,ivf,gxf,nut,aiff,caf,amr,au,tta,wv,ape,live_flv,av1,obu"
)
"""Demuxers of real containers. Not in it on purpose: concat, hls, dash, images, lavfi, sdp, rtsp, subtitles."""


def require_regular_file(path: Path) -> os.stat_result:
    """Return the status of a readable, non-empty regular file.

    Raises:
        NoSuchFileError, NotARegularFileError, UnreadableFileError, EmptyFileError: what it is instead.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise NoSuchFileError(path) from None
    except OSError as error:
        raise UnreadableFileError(path, reason=error.strerror or str(error)) from None
    if not stat.S_ISREG(status.st_mode):
        raise NotARegularFileError(path, kind=_(_KINDS.get(stat.S_IFMT(status.st_mode), N_("a special file"))))
    if status.st_size == 0:
        raise EmptyFileError(path)
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise UnreadableFileError(path, reason=error.strerror or str(error)) from None
    return status


def open_container(path: Path) -> InputContainer:
    """Return the recording opened with PyAV, for the caller to close (``with``).

    Raises:
        InputError: not a regular file, or not a container that Weike opens.
    """
    require_regular_file(path)
    options = {"protocol_whitelist": PROTOCOLS, "format_whitelist": DEMUXERS, "probesize": "50000000"}
    try:
        return av.open(ffmpeg_url(path), mode="r", options=options, metadata_errors="replace", timeout=None)
    except (av.error.InvalidDataError, av.error.ArgumentError, av.error.EOFError) as error:
        if _begins_as_a_recording(path):
            raise TruncatedError(path, log=str(error)) from None
        raise NotMediaError(path, log=str(error)) from None
    except (av.error.FFmpegError, OSError) as error:
        raise NotMediaError(path, log=str(error)) from None


def ffmpeg_input(path: Path, **options: Any) -> Any:
    """Return an ffmpeg-python input node for ``path``; ``options`` go before ``-i``.

    The caller has checked the file (``require_regular_file``); the path is made absolute and given the ``file:``
    protocol, so that no name reads as an option or another protocol.
    """
    return ffmpeg.input(ffmpeg_url(path), protocol_whitelist=PROTOCOLS, format_whitelist=DEMUXERS, **options)


def ffmpeg_url(path: Path) -> str:
    """Return the path as ffmpeg takes it literally, whatever bytes its name is made of."""
    return _Url(f"file:{path.absolute()}")


class _Url(str):
    """A URL that ffmpeg-python can hash although its name is in no encoding known here, as of an old Chinese disk."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.encode("utf-8", "backslashreplace").decode()


def _begins_as_a_recording(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] in _MP4_BOXES or head.startswith(_HEADS) or (head[:4] == b"RIFF" and head[8:] == b"AVI ")


_MP4_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})
_HEADS = (b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b".RMF", b"FLV\x01")
"""How Matroska, Windows Media, RealMedia and Flash files begin."""


_KINDS = {
    stat.S_IFDIR: N_("a folder"),
    stat.S_IFIFO: N_("a named pipe"),
    stat.S_IFSOCK: N_("a socket"),
    stat.S_IFCHR: N_("a device"),
    stat.S_IFBLK: N_("a device"),
}
