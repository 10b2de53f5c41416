"""Twelve lectures on a coordinator and two workers while either is killed: ``make test-cluster``.

Eight are good, four are bad in different ways. A worker is killed in the middle of a step, then the coordinator, which
is begun again. The pictures are compared with those of a batch, and what was done is counted twice: by the queue's own
records and by what was put into the store. Exit code 0: nothing was lost, and nothing was done twice beyond what was in
flight.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pipeline.cluster.tasks import Attempt
from pipeline.media.graph import run_ffmpeg
from tests.batch.seasons import segment_puts, spoken, tone
from tests.cluster.runs import Site, ended, pictures, run_batch

GOOD_TONES = 7


def make_season(folder: Path) -> Path:
    """Eight lectures that can be delivered, four that cannot, as a register."""
    media = folder / "media"
    media.mkdir(parents=True)

    def make(name: str, args: list[str]) -> Path:
        run_ffmpeg([*args, str(media / name)], subject=media / name)
        return media / name

    paths = [tone(make, number, 4 + number % 3) for number in range(GOOD_TONES)] + [spoken(make)]
    whole = paths[0].read_bytes()
    (media / "empty.mp4").write_bytes(b"")
    (media / "text.mp4").write_text("no recording at all")
    (media / "cut.mp4").write_bytes(whole[: len(whole) // 3])
    make("sound.m4a", ["-f", "lavfi", "-i", "aevalsrc=0.1*sin(440*2*PI*t):s=48000:d=3", "-c:a", "aac"])
    paths += [media / name for name in ("empty.mp4", "text.mp4", "cut.mp4", "sound.m4a")]
    rows = [f"课程{number:02},张三,示例学院,2020-06-20,media/{path.name}" for number, path in enumerate(paths, 1)]
    register = folder / "register.csv"
    register.write_text("\n".join(["题目,主讲人,单位,计划提交时间,录像", *rows]) + "\n", "utf-8")
    return register


def is_at(kind: str, done: int) -> Callable[[tuple[Attempt, ...]], bool]:
    """Return a test of the records: so many steps are done, and one of that kind is in work."""

    def is_so(history: tuple[Attempt, ...]) -> bool:
        ended_well = sum(attempt.end == "done" for attempt in history)
        return ended_well >= done and any(a.end is None and a.task.startswith(kind) for a in history)

    return is_so


def run_with_kills(site: Site) -> int:
    """Kill a worker, then the coordinator, begin it again, and return its exit code."""
    coordinator, first = site.coordinator(), site.worker("one")
    site.worker("two")
    site.until(lambda h: any(a.end is None and a.worker.startswith("one") for a in h) and len(h) > 6)
    site.kill_seat(first)
    site.until(is_at("piece", 10))
    coordinator.send_signal(signal.SIGKILL)
    coordinator.wait()
    time.sleep(1)
    return site.coordinator().wait(900)


def judge(site: Site, folder: Path, code: int, reference: int) -> list[str]:
    """Print counts, and return what must not be."""
    history, standings = site.history(), site.standings()
    ends, states = Counter(str(a.end) for a in history), Counter(s.state for s in standings)
    begun_again = len(history) - len({attempt.task for attempt in history})
    done_by_task = Counter(attempt.task for attempt in history if attempt.end == "done")
    made, once = segment_puts(folder / "store"), segment_puts(folder / "b-cache")
    twice = sum(made.values()) - len(made)
    ours, theirs = pictures(site.out), pictures(folder / "b-out")
    pieces = [json.loads(s.result or "{}").get("made") for s in standings if s.task.kind == "piece"]
    lost = [attempt for attempt in history if attempt.reason.startswith("cluster.worker-lost")]
    released = [attempt for attempt in history if attempt.end == "released"]
    print(f"lectures: {Counter(ended(site.out).values())}")
    print(f"steps: {len(standings)} {dict(states)}; attempts: {len(history)} {dict(ends)}")
    print(f"begun again: {begun_again}; lost with the worker: {len(lost)}, with the coordinator: {len(released)}")
    by_pieces = sum(map(bool, pieces))
    print(f"segments: {len(made)} in the store, {twice} put twice, {by_pieces} by pieces; a batch makes {len(once)}")
    print(f"pictures alike: {sum(ours.get(name) == digest for name, digest in theirs.items())} of {len(theirs)}")
    checks = {
        "exit codes differ": code != reference,
        "outcomes differ": ended(site.out) != ended(folder / "b-out"),
        "pictures differ": ours != theirs or len(ours) != GOOD_TONES + 1,
        "a step is not done or aside": states["waiting"] + states["leased"] > 0,
        "a step was completed twice": any(count > 1 for count in done_by_task.values()),
        "a step was begun again that was not in flight": begun_again > len(lost) + len(released),
        "more was in flight than there are slots": len(lost) > 1 or len(released) > 2,
        "a segment was made twice that was not in flight": twice > len(lost) + len(released),
        "other segments were made": set(made) != set(once),
        "no kill hit anything": not lost or not released,
    }
    return [what for what, is_so in checks.items() if is_so]


def main() -> int:
    """Run it and say what came of it."""
    folder = Path(tempfile.mkdtemp(prefix="weike-cluster-"))
    register = make_season(folder)
    reference = run_batch(folder, register)
    with Site(folder, register) as site:
        try:
            code = run_with_kills(site)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            print(f"✗ {error}")
            print("\n".join(path.read_text("utf-8", "replace")[-2000:] for path in sorted(folder.glob("log*"))))
            return 1
        wrong = judge(site, folder, code, reference)
    for what in wrong:
        print(f"✗ {what}")
    if not wrong:
        print("✓ nothing was lost, nothing was done twice beyond what was in flight")
        shutil.rmtree(folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
