"""The sound of a file, told from its packets alone: two files with the same packets sound the same."""

import hashlib
from typing import Any

import av

from pipeline.media.sources import open_container
from pipeline.records import Recording


def sound_digest(recording: Recording) -> str | None:
    """Return the digest of the sound's packets, their times and their header.

    ``None`` for a recording without sound, and for a file that breaks off while it is read.
    """
    if recording.audio is None:
        return None
    digest = hashlib.blake2b(digest_size=16)
    try:
        with open_container(recording.path) as container:
            stream: Any = container.streams[recording.audio.index]
            header = bytes(stream.codec_context.extradata or b"")
            digest.update(b"%d|%s|" % (len(header), str(stream.time_base).encode()) + header)
            for packet in container.demux(stream):
                data = bytes(packet)
                place = f"{packet.pts}|{packet.duration}|{packet.is_discard}|{packet.is_corrupt}|{len(data)}|"
                digest.update(place.encode() + data)
    except av.error.FFmpegError:
        return None
    return digest.hexdigest()
