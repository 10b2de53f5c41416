"""Renders a clip in a process of its own, for tests that end it: ``render_driver.py CLIP OUT CACHE SEGMENTS``.

Says ``ready`` once ``SEGMENTS`` new segments are in the store, and goes on slowly.
"""

import signal
import sys
import time
from pathlib import Path

from pipeline.events import Event
from pipeline.media.probing.probe import inspect
from pipeline.stages.render import render
from pipeline.store import Store
from tests.stages.rendering import job_for, sheet, silent_sound


def main(clip: Path, out: Path, cache: Path, wanted: int) -> None:
    recording = inspect(clip)
    job = job_for(recording, out)
    kept = cache / "artefacts" / "segments"

    def listen(_event: Event) -> None:
        if kept.is_dir() and len(list(kept.glob("*.mp4"))) >= wanted:
            print("ready", flush=True)
            time.sleep(1)

    render(recording, silent_sound(job), sheet(job), job, Store(cache), listen)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a test that runs behind a shell inherits it as ignored
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
