"""What an H.264 packet's bytes tell without decoding."""

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from pipeline.media.probing.nal import is_idr, length_size, nal_units

MakeClip = Callable[[str, list[str]], Path]
CLIP = ["-f", "lavfi", "-i", "testsrc2=s=192x108:r=25:d=1", "-c:v", "libx264", "-preset", "ultrafast", "-g", "10"]


@pytest.fixture
def packets(make_clip: MakeClip) -> tuple[int, list[tuple[bytes, bool]]]:
    with av.open(str(make_clip("nal.mp4", CLIP))) as container:
        stream = container.streams.video[0]
        length = length_size("h264", stream.codec_context.extradata)
        assert length is not None
        return length, [(bytes(packet), packet.is_keyframe) for packet in container.demux(stream) if packet.size]


def test_every_packet_of_an_encoder_is_whole(packets: tuple[int, list[tuple[bytes, bool]]]) -> None:
    length, found = packets
    assert all(nal_units(data, length) for data, _ in found)
    assert [is_idr(data, length) for data, _ in found] == [is_key for _, is_key in found]


def holes(data: bytes) -> Iterator[bytes]:
    for share in (0.0, 0.3, 0.6, 0.9):
        at = int(len(data) * share)
        size = min(12, len(data) - at)
        yield data[:at] + bytes(size) + data[at + size :]


def test_a_hole_or_a_cut_is_seen_wherever_it_is(packets: tuple[int, list[tuple[bytes, bool]]]) -> None:
    length, found = packets
    key = max((data for data, _ in found), key=len)
    assert all(nal_units(broken, length) is None for broken in holes(key))
    assert nal_units(key[:-1], length) is None
    assert nal_units(b"\0" + key, length) is None


def test_start_codes_are_followed() -> None:
    assert is_idr(b"\0\0\0\1\x67\x42\0\0\1\x65\x88", 0)
    assert not is_idr(b"\0\0\1\x41\x9a", 0)
    assert length_size("h264", None) == 0
    assert length_size("hevc", b"\1" * 20) is None
