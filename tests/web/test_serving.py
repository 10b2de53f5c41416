"""A lecture through the pages, from the form to the files, whatever happens to the server meanwhile."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.web.conftest import Server

SILENT = ["-f", "lavfi", "-i", "color=gray:s=320x180:r=25:d=3", "-c:v", "libx264", "-preset", "ultrafast"]


@pytest.fixture
def silent_clip(make_clip: Callable[..., Path]) -> Path:
    """Nobody speaks in it, so that neither a model nor a script is needed."""
    return make_clip("silent.mp4", SILENT)


def _asked(server: Server, clip: Path) -> str:
    (server.root / "clip.mp4").write_bytes(clip.read_bytes())
    form = {"picked": "clip.mp4", "preset": "seu-2020", "title": "题目 <b>"}
    answer = httpx2.post(f"{server.url}/lectures", data=form, headers=server.origin)
    assert answer.status_code == 303
    return server.url + str(answer.headers["location"])


def _page_with(address: str, words: str) -> str:
    until = time.monotonic() + 240
    while time.monotonic() < until:
        page = httpx2.get(address, timeout=30).text
        if re.search(words, page):
            return page
        time.sleep(0.3)
    raise AssertionError(page)


@pytest.mark.slow
def test_a_lecture_outlives_the_server_and_is_taken_away(serve: Callable[..., Server], silent_clip: Path) -> None:
    server = serve()
    place = _asked(server, silent_clip)
    _page_with(place, "<h2>In work")
    server.kill()
    server.start()
    with httpx2.stream("GET", f"{place}/events", timeout=240) as news:
        told = "".join(news.iter_text())
    assert "event: state" in told
    assert told.endswith("event: end\ndata: end\n\n")
    page = _page_with(place, "Not compliant")
    assert "What to do" in page
    links = re.findall(r'href="(/lectures/[^"?]+)" download', page)
    assert {link.rpartition(".")[2] for link in links} >= {"mp4", "html", "json", "pdf"}
    for link in links:
        taken = httpx2.get(server.url + link)
        assert taken.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in taken.headers["content-security-policy"]
    report = next(link for link in links if link.endswith(".html"))
    shown = httpx2.get(server.url + report, params={"show": "true"})
    assert re.search(r"style-src 'sha256-[^']+'", shown.headers["content-security-policy"])
    assert httpx2.post(f"{place}/delete", headers=server.origin).status_code == 303
    assert httpx2.get(place).status_code == 404
    assert not list((server.root / "lectures").iterdir())
    assert (server.root / "clip.mp4").read_bytes() == silent_clip.read_bytes()


@pytest.mark.slow
def test_a_lecture_that_fails_says_why_and_can_be_cancelled_and_tried_again(serve: Callable[..., Server]) -> None:
    server = serve()
    broken = server.root / "broken.mp4"
    broken.write_bytes(b"no video at all")
    place = _asked(server, broken)
    page = _page_with(place, "Failed")
    assert "<code>input." in page
    assert str(server.root) not in page
    httpx2.post(f"{place}/again", headers=server.origin)
    httpx2.post(f"{place}/cancel", headers=server.origin)
    assert "Cancelled" in _page_with(place, "Cancelled|Failed") or "Failed" in httpx2.get(place).text
