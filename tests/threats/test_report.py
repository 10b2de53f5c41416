"""What a stranger wrote into names, tags, titles and subtitles stands in the report as text and never works."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.lecture import LectureJob, burn
from pipeline.media.measuring.ocr import BandReader, Reading
from pipeline.output import safe_name
from pipeline.records import LectureInfo
from pipeline.store import Store
from tests.threats.test_names import tiny

PAYLOAD = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}{%x%}</style>'javascript:alert(3)"
_LINE = "<b onmouseover=alert(4)>{{7*7}}<svg/onload=alert(5)>"


class Page(HTMLParser):
    """Tags and attributes as a browser would find them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.values: list[str] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        given = dict(attrs)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given.get("content") or ""
        if tag != "meta":
            self.values += [value or "" for name, value in attrs if name in {"href", "src", "xlink:href"}]


@pytest.fixture
def page(make_clip: Callable[..., Path], store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(BandReader, "__init__", lambda _self, _settings: None)
    monkeypatch.setattr(BandReader, "read_cue", lambda *_args: Reading(text=PAYLOAD, similarity=0.2))
    tags = [word for tag in ("title", "artist", "comment", "encoder") for word in ("-metadata", f"{tag}={PAYLOAD}")]
    tags += ["-metadata:s:v", f"handler_name={PAYLOAD}", "-metadata:s:a", f"title={PAYLOAD}"]
    card = ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2:r=48000"]
    made = make_clip("tagged.mkv", [*card, *tags, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"])
    raw = tmp_path / f"{PAYLOAD.replace('/', '_')}.mkv"
    raw.write_bytes(made.read_bytes())
    written = tmp_path / f"{_LINE.replace('/', '_')}.srt"
    written.write_text(f"1\n00:00:00,200 --> 00:00:01,600\n{_LINE}\n", "utf-8")
    job = LectureJob(raw, tmp_path / "out", LectureInfo(safe_name(raw.stem), PAYLOAD, PAYLOAD, PAYLOAD), tiny())
    _, folder = burn(job, written, store, lambda _event: None)
    return (folder / "report.html").read_text("utf-8")


def test_nothing_in_the_report_works(page: str) -> None:
    seen = Page(page)
    assert not {"script", "iframe", "object", "embed", "form", "base", "link"} & seen.tags
    assert not [name for name in seen.names if name.startswith("on")]
    assert all(value.startswith(("data:image/jpeg;base64,", "#")) or "#t=" in value for value in seen.values)
    assert not [value for value in seen.values if value.strip().lower().startswith("javascript:")]
    assert seen.policy.startswith("default-src 'none'")
    assert "script-src" not in seen.policy


def test_it_stands_there_as_text(page: str) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page
    assert not re.search(r"[^0-9]49[^0-9]{0,3}&lt;svg", page)
