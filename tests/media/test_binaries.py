import stat
from pathlib import Path

import pytest

from pipeline.errors import NoFfmpegError
from pipeline.media import binaries


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A look-up that remembers nothing, before and after."""
    binaries.ffmpeg.cache_clear()
    monkeypatch.delenv("WEIKE_FFMPEG", raising=False)
    yield monkeypatch
    binaries.ffmpeg.cache_clear()


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_without_a_system_ffmpeg_the_packaged_one_serves(fresh: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fresh.setenv("PATH", str(tmp_path))
    found = binaries.ffmpeg()
    assert found.origin == "imageio-ffmpeg"
    assert found.missing == ()


def test_a_capable_system_ffmpeg_comes_first(fresh: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ffmpeg").symlink_to(binaries.candidates()[-1][1])
    fresh.setenv("PATH", str(tmp_path))
    assert binaries.ffmpeg().origin == "system"


def test_a_system_ffmpeg_that_cannot_do_the_job_is_passed_over(fresh: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script(tmp_path / "ffmpeg", "echo 'ffmpeg version 1.0'")
    fresh.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert binaries.ffmpeg().origin == "imageio-ffmpeg"


@pytest.mark.parametrize("text", ["echo 'ffmpeg version 1.0'", "echo hello", "exit 1"])
def test_a_named_ffmpeg_is_never_replaced_silently(fresh: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    fresh.setenv("WEIKE_FFMPEG", str(script(tmp_path / "mine", text)))
    with pytest.raises(NoFfmpegError) as caught:
        binaries.ffmpeg()
    assert caught.value.exit_code == 4
    assert str(tmp_path) in caught.value.message.show()


def test_a_relative_name_is_the_same_program_from_any_folder(fresh: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work is done in private folders, where a relative path leads nowhere."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "ffmpeg").symlink_to(binaries.candidates()[-1][1])
    fresh.chdir(tmp_path)
    fresh.setenv("WEIKE_FFMPEG", "tools/ffmpeg")
    assert binaries.ffmpeg().path == tmp_path / "tools" / "ffmpeg"
    binaries.ffmpeg.cache_clear()
    fresh.delenv("WEIKE_FFMPEG")
    fresh.setenv("PATH", "tools")
    assert binaries.ffmpeg().path == tmp_path / "tools" / "ffmpeg"


def test_names_with_hyphens_are_seen(tmp_path: Path) -> None:
    answer = """case $* in
*-encoders*) printf ' V..... = Video\\n ------\\n V....D libx264   H.264\\n V....D libvpx-vp9   VP9\\n';;
*-filters*) printf '  T. = Timeline\\n TSC scale   V->V   Scale.\\n .S. a-b   V->V   Other.\\n';;
*) echo 'ffmpeg version 1.0';;
esac"""
    found = binaries.inspect(script(tmp_path / "mine", answer), "configured")
    assert {"libx264", "libvpx-vp9"} <= found.encoders
    assert {"scale", "a-b"} <= found.filters
