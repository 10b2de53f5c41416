"""What real files taught: encrypted pictures, Dolby Vision, frames that are never shown, sound whose times stall."""

import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipeline.errors import DolbyVisionError, EncryptedError, NoPictureError, TruncatedError
from pipeline.media.probing.packets import is_hidden
from pipeline.media.probing.probe import inspect
from pipeline.media.sound import listen
from tests.media.probing.test_repair import onsets_s

MakeClip = Callable[[str, list[str]], Path]
PICTURE = ["-f", "lavfi", "-i", "testsrc=s=64x36:r=25:d=2"]
AVC = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
BEEPS = ["-f", "lavfi", "-i", "aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=8000:d=3"]


def test_an_encrypted_picture_is_called_by_that_name(make_clip: MakeClip, tmp_path: Path) -> None:
    path = tmp_path / "rented.mp4"
    plain = make_clip("plain.mp4", [*PICTURE, *AVC]).read_bytes()
    at = plain.rindex(b"avc1")
    path.write_bytes(plain[:at] + b"encv" + plain[at + 4 :])
    with pytest.raises(EncryptedError) as caught:
        inspect(path)
    assert (caught.value.id, caught.value.exit_code) == ("input.encrypted", 3)


@pytest.mark.parametrize(
    ("profile", "compatibility", "is_refused"), [(5, 0, True), (8, 4, False), (8, 1, False), (10, 0, True)]
)
def test_dolby_vision_that_nothing_else_can_show_is_refused(
    make_clip: MakeClip, tmp_path: Path, profile: int, compatibility: int, is_refused: bool
) -> None:
    path = tmp_path / "phone.mp4"
    path.write_bytes(_with_dolby(make_clip("plain.mp4", [*PICTURE, *AVC]).read_bytes(), profile, compatibility))
    if not is_refused:
        assert inspect(path).video is not None
        return
    with pytest.raises(DolbyVisionError) as caught:
        inspect(path)
    assert f"profile {profile}" in caught.value.message.show()


def _with_dolby(data: bytes, profile: int, compatibility: int) -> bytes:
    """Return the MP4, whose index stands last, with a Dolby Vision record in its first description of samples."""
    box = struct.pack(">I4s5s19x", 32, b"dvcC", bytes([1, 0, profile << 1, 0, compatibility << 4]))[:32]
    out = bytearray(data)
    at = data.index(b"moov") - 4
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1"):
        at = data.index(name, at) - 4
        out[at : at + 4] = struct.pack(">I", struct.unpack(">I", data[at : at + 4])[0] + len(box))
    end = at + struct.unpack(">I", data[at : at + 4])[0]
    return bytes(out[:end] + box + out[end:])


@pytest.mark.parametrize(
    "head", [b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa", b".RMF\x00\x00\x00\x12", b"RIFF\xff\xff\x00\x00AVI "]
)
def test_the_beginning_of_a_recording_alone_is_incomplete(head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "head.bin"
    path.write_bytes(head + bytes(300))
    with pytest.raises(TruncatedError):
        inspect(path)


def test_sound_that_does_not_decode_is_still_no_picture(make_clip: MakeClip, tmp_path: Path) -> None:
    path = tmp_path / "sound.mka"
    clip = make_clip("sound.mka", [*BEEPS, "-c:a", "aac"])
    path.write_bytes(clip.read_bytes().replace(b"A_AAC", b"A_XYZ"))
    with pytest.raises(NoPictureError):
        inspect(path)


@pytest.mark.parametrize(
    ("codec", "data", "expected"),
    [
        ("vp9", b"\x82\x00", False),  # key frame, shown
        ("vp9", b"\x84\x00", True),  # leans on others, not shown
        ("vp9", b"\x86\x00", False),
        ("vp9", b"\x88\x00", False),  # shows an earlier frame
        ("vp9", b"\x84\x00\xc1", False),  # two frames in one packet
        ("vp9", b"\xb2\x00", True),  # profile 3 has one bit more
        ("vp9", b"\xb3\x00", False),
        ("vp8", b"\x10\x00", False),
        ("vp8", b"\x01\x00", True),
        ("h264", b"\x00\x00", False),
    ],
)
def test_frames_that_are_never_shown(codec: str, data: bytes, expected: bool) -> None:
    """Their times would make a constant rate look variable. Source: VP9 bitstream specification, 6.2; RFC 6386, 9.1."""
    assert is_hidden(SimpleNamespace(name=codec), cast("Any", data)) is expected


def test_two_frames_far_apart_tell_nothing_of_a_third(make_clip: MakeClip) -> None:
    slow = ["-f", "lavfi", "-i", "testsrc=s=64x36:r=1/3:d=6", "-c:v", "flv1"]
    found = inspect(make_clip("slow.flv", slow))
    assert found.video is not None
    assert found.video.frame_count == 2
    assert float(found.duration_s) == pytest.approx(3.1, abs=0.01)


def test_the_end_that_an_edit_list_says_is_kept(make_clip: MakeClip, tmp_path: Path) -> None:
    """The last slide's own length reaches past the end of the edit."""
    slides = ["-f", "lavfi", "-i", "testsrc=s=64x36:r=2:d=4", *AVC, "-bf", "0"]
    data = bytearray(make_clip("slides.mov", slides).read_bytes())
    at = data.index(b"elst") + 12
    assert struct.unpack(">I", data[at : at + 4])[0] == 4000
    data[at : at + 4] = struct.pack(">I", 3700)
    (tmp_path / "cut.mov").write_bytes(data)
    found = inspect(tmp_path / "cut.mov")
    assert found.video is not None
    assert float(found.video.end_s) == pytest.approx(3.7, abs=0.01)


def test_sound_whose_times_stall_is_counted_off(make_clip: MakeClip, tmp_path: Path) -> None:
    """Old AVI recorders put many frames of MP3 into one piece of the file, which has one time."""
    path = tmp_path / "old.avi"
    path.write_bytes(_lumped(make_clip("beeps.mp3", [*BEEPS, "-c:a", "libmp3lame", "-write_xing", "0"]).read_bytes()))
    found = inspect(path)
    assert found.audio is not None
    assert found.audio.is_counted_off
    assert float(found.duration_s) == pytest.approx(3.1, abs=0.15)
    listen(found, tmp_path / "a.wav")
    assert onsets_s(tmp_path / "a.wav") == pytest.approx([0.13, 1.13, 2.13], abs=0.03), "an encoder's delay late"


def _lumped(mp3: bytes) -> bytes:
    """Return an AVI of one black picture a second and the MP3, eight frames in each piece."""
    frames, at = [], mp3.index(b"\xff\xe3") if b"\xff\xe3" in mp3 else mp3.index(b"\xff\xe2")
    size = mp3.index(mp3[at : at + 2], at + 4) - at
    while at + size <= len(mp3):
        frames.append(mp3[at : at + size])
        at += size
    pieces = [b"".join(frames[n : n + 8]) for n in range(0, len(frames), 8)]
    image = bytes(64 * 36 * 3)

    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)

    def listed(name: bytes, body: bytes) -> bytes:
        return chunk(b"LIST", name + body)

    def header(kind: bytes, scale: int, rate: int, length: int) -> bytes:
        return chunk(b"strh", kind + bytes(12) + struct.pack("<IIIIIII", scale, rate, 0, length, 0, 0, 0) + bytes(8))

    look = struct.pack("<IiiHHIIiiII", 40, 64, 36, 1, 24, 0, len(image), 0, 0, 0, 0)
    wave = struct.pack("<HHIIHHH", 0x55, 1, 8000, 1000, 576, 0, 12) + struct.pack("<HIHHH", 1, 2, 576, 1, 0)
    main = chunk(b"avih", struct.pack("<14I", 1_000_000, 0, 0, 0x10, 3, 0, 2, 0, 64, 36, 0, 0, 0, 0))
    streams = listed(b"strl", header(b"vidsDIB ", 1, 1, 3) + chunk(b"strf", look))
    streams += listed(b"strl", header(b"auds" + bytes(4), 576, 8000, len(pieces)) + chunk(b"strf", wave))
    parts = [chunk(b"00db", image) for _ in range(3)]
    parts += [chunk(b"01wb", piece) for piece in pieces]
    return chunk(b"RIFF", b"AVI " + listed(b"hdrl", main + streams) + listed(b"movi", b"".join(parts)))
