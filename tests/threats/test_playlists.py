"""A file that is a playlist makes ffmpeg open other files: none may get through any stage that opens a recording."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pipeline.errors import InputError, WeikeError
from pipeline.media import sandbox
from pipeline.media.graph import run_ffmpeg
from pipeline.media.probing.probe import inspect
from pipeline.media.probing.repair import flatten, straighten
from pipeline.media.probing.subtitle_tracks import SubtitleTrack, extract, list_tracks
from pipeline.presets import load_preset
from pipeline.records import Recording
from pipeline.stages.check import check
from pipeline.stages.probe import probe
from pipeline.stages.render import render
from pipeline.stages.soundtrack import soundtrack
from pipeline.store import Store
from pipeline.timing import delivery_grid
from tests.stages.rendering import job_for, sheet, silent_sound
from tests.threats.conftest import TOKEN, Listener

HLS = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n"
PLAYLISTS = {
    "hls of a file": HLS + "#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
    "hls of the network": HLS + "#EXTINF:1,\n{url}/a.ts\n#EXT-X-ENDLIST\n",
    "hls with a key": HLS + '#EXT-X-KEY:METHOD=AES-128,URI="{url}/key"\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n',
    "hls with a header": HLS + '#EXT-X-MAP:URI="{url}/init.mp4"\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n',
    "hls of variants": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{url}/b.m3u8\n",
    "dash of a file": (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp2t"><Representation id="0" '
        'bandwidth="1"><BaseURL>file://{secret}</BaseURL></Representation></AdaptationSet></Period></MPD>'
    ),
    "dash of the network": (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="0" '
        'bandwidth="1"><BaseURL>{url}/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>'
    ),
    "ffconcat of a file": "ffconcat version 1.0\nfile '{secret}'\n",
    "ffconcat of the network": "ffconcat version 1.0\nfile '{url}/a.mp4'\n",
    "ffconcat of a protocol": "ffconcat version 1.0\nfile 'subfile,,start,0,end,0,,:{secret}'\n",
    "sdp": (
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    ),
    "vobsub index": (
        "# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\n"
        "timestamp: 00:00:00:000, filepos: 000000000\n"
    ),
    "imf packing list": (
        '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016">'
        "<Id>urn:uuid:0</Id><EditRate>25 1</EditRate><SegmentList><Segment><SequenceList/></Segment></SegmentList>"
        "</CompositionPlaylist>"
    ),
    "list of streams": "[playlist]\nFile1={url}/a.mp4\nNumberOfEntries=1\n",
}

TRACK = SubtitleTrack(number=1, index=2, codec="subrip", language=None, title=None, is_default=True)


@dataclass(frozen=True)
class Trap:
    """A playlist under the name of a recording, and the recording that stood there when it was probed."""

    path: Path
    before: Recording


@pytest.fixture(params=PLAYLISTS, ids=lambda name: name.replace(" ", "-"))
def trap(request: pytest.FixtureRequest, harmless: Path, canary: Path, listener: Listener, tmp_path: Path) -> Trap:
    path = tmp_path / "lecture.mp4"
    shutil.copyfile(harmless, path)
    before = inspect(path)
    shutil.copyfile(canary / "secret.ts", tmp_path / "lecture.sub")
    facts = {
        "secret": str(canary / "secret.ts"),
        "url": f"http://127.0.0.1:{listener.port}",
        "port": str(listener.port),
    }
    text = PLAYLISTS[request.param]
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", value)
    path.write_text(text)
    return Trap(path, before)


@pytest.fixture(autouse=True)
def _with_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whitelists must hold where the system cannot take the network away."""
    monkeypatch.setattr(sandbox, "_prefix", lambda _succeeds: ())


def test_the_trap_works_where_nothing_is_forbidden(listener: Listener, tmp_path: Path) -> None:
    path = tmp_path / "lecture.mp4"
    path.write_text(HLS + f"#EXTINF:1,\nhttp://127.0.0.1:{listener.port}/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(WeikeError):
        run_ffmpeg(
            ["-protocol_whitelist", "file,http,tcp", "-f", "hls", "-i", str(path), "-f", "null", "-"], subject=path
        )
    assert listener.calls


def test_no_stage_follows_a_playlist(trap: Trap, listener: Listener, store: Store, tmp_path: Path) -> None:
    """The later stages meet it as a file that was swapped after it had been probed."""
    told = [_ending(name, act) for name, act in _stages(trap, store, tmp_path)]
    assert listener.calls == []
    assert TOKEN not in "".join(told)
    for file in tmp_path.rglob("*"):
        if file.is_file() and file.name != "lecture.sub":
            assert TOKEN.encode() not in file.read_bytes(), file
    assert not (tmp_path / "out.mp4").exists()


def test_it_is_refused_as_no_recording(trap: Trap, store: Store) -> None:
    with pytest.raises(InputError) as caught:
        probe(trap.path, store, _quiet)
    assert caught.value.id == "input.not-media"


def _stages(trap: Trap, store: Store, folder: Path) -> list[tuple[str, Callable[[], object]]]:
    preset, before = load_preset(), trap.before
    assert before.video is not None
    grid = delivery_grid(before.video.frame_rate, before.duration_s)
    job = job_for(before, folder / "out.mp4", raster=(96, 54))
    plain = replace(job, captions=job.captions.model_copy(update={"burn": False}))
    return [
        ("probe", lambda: probe(trap.path, store, _quiet)),
        ("straighten", lambda: straighten(before, folder / "straight.ts")),
        ("flatten", lambda: flatten(before, folder / "flat.nut")),
        ("tracks", lambda: list_tracks(before.path)),
        ("take a track out", lambda: extract(before, TRACK, folder / "taken.srt")),
        ("soundtrack", lambda: soundtrack(before, grid, preset.sound, store, _quiet)),
        ("render", lambda: render(before, silent_sound(plain), sheet(plain), plain, store, _quiet)),
        ("check", lambda: check(trap.path, None, preset, store, _quiet)),
    ]


def _ending(name: str, act: Callable[[], object]) -> str:
    """Return what a stage said; anything but a reason to stop fails the test."""
    try:
        return f"{name}: {act()!r}"
    except WeikeError as error:
        return f"{name}: {error} {error.log}"


def _quiet(_event: object) -> None:
    """Hear nothing."""
