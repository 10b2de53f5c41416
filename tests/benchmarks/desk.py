"""How soon the reviewer's desk answers with 300 cues: opening, typing, and burning two corrected cues again.

``python -m tests.benchmarks.desk`` prints wall time in Chromium, which other work on the machine makes longer.
"""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from pipeline.media.graph import run_ffmpeg
from pipeline.web.work.preparing import make_ready
from tests.web.browsing import DESK, chromium, opened, wait_until
from tests.web.conftest import Server
from tests.web.desk_lecture import TEXTS, Prepared, delivered

CUES, STEP_S = 300, 4
OPENINGS = 5
KEYS = 40
_WAIT_MS = 600_000
_CORRECTED = (90, 210)
"""Cues that are corrected, counted from 1."""
_IS_OPEN = f"""
new MutationObserver((_found, watch) => {{
  const cues = document.querySelectorAll("#cues li").length;
  if (cues < {CUES} || !document.querySelector(".editor textarea")) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => {{ window.openedMs = performance.now(); }}, 0));
}}).observe(document, {{subtree: true, childList: true}});
"""
"""Notes when all cues stand in the list, one of them can be written in, and that has been painted."""
_TIME_KEYS = """
window.keysMs = [];
document.querySelector(".editor textarea").addEventListener("beforeinput", () => {
  const begun = performance.now();
  requestAnimationFrame(() => setTimeout(() => keysMs.push(performance.now() - begun), 0));
});
"""
"""Notes, for each key, the time until the next frame has been painted."""


@dataclass(frozen=True)
class Desk:
    """A lecture of twenty minutes that is done, and what its first making took."""

    made: Prepared
    full_s: float


def lecture(folder: Path) -> Desk:
    """Deliver a lecture with ``CUES`` cues at 1080p, and prepare its desk."""
    clip = folder / "lecture.mp4"
    length_s = CUES * STEP_S
    sound = f"aevalsrc=0.2*sin(997*t)*gt(mod(t\\,4)\\,0.4):d={length_s}"
    picture = (
        f"color=c=0x203a5c:s=320x180:r=25:d={length_s}[slide];color=c=0xe0b080:s=40x40:r=25:d={length_s}[head];"
        "[slide][head]overlay=x='260+8*sin(t*3)':y='120+4*sin(t*5)'"
    )
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "aac"]
    run_ffmpeg(["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *coding, str(clip)], subject=clip)
    texts = [f"{TEXTS[number % len(TEXTS)][:-1]}{number + 1}。" for number in range(CUES)]
    (folder / "served").mkdir()
    begun = time.monotonic()
    made = delivered(folder / "served", folder / "cache", clip, texts)
    full_s = time.monotonic() - begun
    make_ready(made.settings, made.lecture)
    return Desk(made, full_s)


def opening_ms(page: Any, address: str) -> float:
    """Return the time from asking for the page until a person can write in it."""
    page.goto(address)
    wait_until(page, "window.openedMs > 0")
    return float(page.evaluate("window.openedMs"))


def typing_ms(page: Any) -> list[float]:
    """Return, for each key, the time until it is on the screen."""
    pick(page, CUES // 2)
    page.evaluate(_TIME_KEYS)
    page.keyboard.type("字" * KEYS, delay=120)
    wait_until(page, f"keysMs.length >= {KEYS}")
    return [float(value) for value in page.evaluate("keysMs")]


def burning_s(page: Any) -> float:
    """Correct two cues far apart, burn, and return the time until the lecture can be taken away."""
    for number in _CORRECTED:
        pick(page, number)
        page.fill(".editor textarea", "今天我们只讲科学防疫。")
    page.wait_for_selector("#kept:has-text('已全部保存')")
    begun = time.monotonic()
    page.click("[data-act=burn]")
    page.wait_for_selector("#burning a[download]", timeout=_WAIT_MS)
    return time.monotonic() - begun


def pick(page: Any, number: int) -> None:
    """Select a cue, counted from 1."""
    page.click(f"#cues li:nth-child({number}) .cue-pick")
    page.wait_for_selector(f"#cues li.selected:nth-child({number}) textarea")


def main() -> int:
    """Measure, and print what was measured."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        desk = lecture(folder)
        with Server(folder / "served", "--cache", str(folder / "cache")) as server, chromium() as browser:
            page = opened(browser, DESK)
            page.add_init_script(_IS_OPEN)
            openings = [opening_ms(page, server.url + desk.made.place) for _ in range(OPENINGS)]
            keys = typing_ms(page)
            again_s = burning_s(page)
            complaints = page.complaints
    say(f"opening with {CUES} cues: first {openings[0]:.0f} ms, median of {OPENINGS} {median(openings):.0f} ms")
    say(f"a key to the screen: median {median(keys):.0f} ms, longest {max(keys):.0f} ms")
    say(
        f"two cues of {CUES} burned again: {again_s:.1f} s, the first making {desk.full_s:.1f} s: "
        f"{again_s / desk.full_s:.3f}"
    )
    say(f"the browser complained: {complaints or 'never'}")
    return int(bool(complaints))


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
