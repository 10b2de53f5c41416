"""A served folder in which every page has something to show, and a server on it in which nothing moves."""

import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvicorn

from pipeline.batch import BatchOptions, plan, run_batch
from pipeline.errors import NotMediaError
from pipeline.events import Notice, StageAdvanced, StageFinished, StageStarted
from pipeline.presets import load_preset
from pipeline.store import Store
from pipeline.texts import Message
from pipeline.web.app import create_app
from pipeline.web.settings import ServeSettings
from pipeline.web.work.seasons import season_id
from pipeline.web.work.shelf import Shelf, Wish
from pipeline.web.work.worker import EVENTS, OUTCOME, Diary, failure
from tests.batch.seasons import quick_preset, tone
from tests.register.registers import fill


@dataclass(frozen=True)
class Names:
    """What people wrote."""

    title: str = "疫情大考中的责任与担当"
    speaker: str = "李文清"
    unit: str = "示例大学马克思主义学院"
    file: str = "第一讲 录像"


@dataclass
class Scene:
    """The folder and the address of each page, by what it shows."""

    root: Path
    pages: dict[str, str] = field(default_factory=dict)


def build(folder: Path, make_clip: Callable[..., Path], names: Names) -> Scene:
    """Make a season by a real batch, and lectures in every state beside it."""
    scene = Scene(folder / "served")
    scene.root.mkdir(parents=True)
    films = [f"{names.file}.mp4", f"2 {names.file}.mp4", "3.mp4"]
    shutil.copyfile(tone(make_clip, 1), scene.root / films[0])
    (scene.root / films[1]).write_bytes(b"no film" * 999)
    rows = [{"title": f"{n} {names.title}", "recordings": film} for n, film in enumerate(films, 1)]
    register = fill(scene.root / "党课.xlsx", [{"speaker": names.speaker, "unit": names.unit, **row} for row in rows])
    options = BatchOptions(scene.root / "成品", load_preset(str(quick_preset(folder))), what=register)
    run_batch(plan(register, options), options, Store(folder / "cache"), lambda _event: None)
    _lectures(scene, names)
    season = f"/seasons/{season_id('成品')}"
    scene.pages |= {"home": "/", "seasons": "/seasons", "season": season, "problem": "/no-page"}
    return scene


def _lectures(scene: Scene, names: Names) -> None:
    settings = ServeSettings(scene.root)
    shelf = Shelf(settings.state / "shelf.sqlite")
    made = next(path.parent for path in (scene.root / "成品").glob("*/report.json"))
    wish = Wish(str(scene.root / "3.mp4"), made.name, "seu-2020", "", names.title, names.speaker, names.unit)
    for state in ("done", "failed", "cancelled", "running", "waiting"):
        lecture = shelf.put("local", wish)
        scene.pages[state] = f"/lectures/{lecture}"
        if state == "waiting":
            break
        shelf.begin_next()
        work = settings.work(lecture)
        work.mkdir(parents=True)
        if state == "done":
            shutil.copytree(made, settings.lectures / lecture / made.name)
        if state == "failed":
            told = failure(NotMediaError(scene.root / f"{names.file}.mp4"))
            (work / OUTCOME).write_text(json.dumps({"state": state, **told}), "utf-8")
        if state == "running":
            _note_progress(work / EVENTS)
        elif state == "cancelled":
            shelf.cancel(lecture)
        else:
            shelf.end(lecture, state)


def _note_progress(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        diary = Diary(file)
        for stage in ("probe", "soundtrack"):
            diary(StageStarted(stage, 1.0))
            diary(StageFinished(stage))
        diary(StageStarted("recognise", 100.0))
        diary(StageAdvanced("recognise", 40.0))
        diary(Notice("soundtrack", Message("The soundtrack is nearly silent.")))


@contextmanager
def still(settings: ServeSettings) -> Iterator[str]:
    """Serve a folder in which nothing that waits is begun; yields the address."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
        app = create_app(replace(settings, port=port))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        until = time.monotonic() + 60
        while not server.started and time.monotonic() < until:
            time.sleep(0.05)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(30)
