"""The season's pages: how each lecture stands, filters, another try through the batch's own path, what is not given."""

import json
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from pipeline.batch import BatchOptions, Ledger, plan, run_batch
from pipeline.presets import Preset, load_preset
from pipeline.store import Store
from pipeline.web.app import create_app
from pipeline.web.settings import ServeSettings
from pipeline.web.work.seasons import season_id
from tests.batch.seasons import quick_preset, tone
from tests.register.registers import fill

HOST = "127.0.0.1:8760"
PAYLOAD = "<img src=x onerror=alert(1)>"
NAME = "_img src=x onerror=alert(1)_一"
LATE = '<span class="pill">Delivered late</span>'


def _client(root: Path, **changes: object) -> TestClient:
    app = create_app(ServeSettings(root, cache=root.parent / "cache", **changes))
    headers = {"Origin": f"http://{HOST}", "Accept-Language": "en", "Accept": "text/html"}
    return TestClient(app, base_url=f"http://{HOST}", headers=headers, follow_redirects=False)


def _quick(folder: Path) -> Preset:
    return load_preset(str(quick_preset(folder)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, make_clip: Callable[..., Path]) -> Path:
    """A batch of one good lecture, one whose recording is broken, and one whose recording is not there."""
    folder = tmp_path_factory.mktemp("season")
    root = folder / "served"
    root.mkdir()
    shutil.copyfile(tone(make_clip, 1), root / "1.mp4")
    (root / "2.mp4").write_bytes(b"no film" * 999)
    rows = [{"title": f"{PAYLOAD}一", "recordings": "1.mp4"}, {"title": "第二讲", "recordings": "2.mp4", "unit": "乙"}]
    rows.append({"title": "第三讲", "recordings": "none.mp4"})
    fill(root / "党课.xlsx", [{"speaker": "李文清", "unit": "甲 & 学院", **row} for row in rows])
    register = root / "党课.xlsx"
    options = BatchOptions(root / "out", _quick(folder), what=register)
    run_batch(plan(register, options), options, Store(folder / "cache"), lambda _event: None)
    return folder


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """The batch's folder for one test; its note names the copy, as it would if it had been made there."""
    copy = shutil.copytree(made, tmp_path / "copy") / "served"
    note = copy / "out" / ".weike-batch" / ".asked"
    note.write_text(note.read_text("utf-8").replace(str(made), str(copy.parent)), "utf-8")
    return copy


def _season(client: TestClient, place: str = "out", **wanted: str) -> str:
    answer = client.get(f"/seasons/{season_id(place)}", params=wanted)
    assert answer.status_code == 200
    return answer.text


def _titles(page: str) -> list[str]:
    return re.findall(r'<th scope="row" lang="zh-CN">(.*?)<', page)


def test_where_there_is_no_season_the_page_says_what_to_do(tmp_path: Path) -> None:
    page = _client(tmp_path / "served").get("/seasons").text
    assert "weike register new" in page
    assert "weike batch" in page


def test_a_register_shows_who_is_registered_before_anything_is_converted(tmp_path: Path) -> None:
    client, root = _client(tmp_path / "served"), tmp_path / "served"
    (root / "film.mp4").write_bytes(b"x")
    fill(root / "党课.xlsx", [{"title": "第一讲", "speaker": "李", "unit": "甲", "recordings": "film.mp4"}])
    (root / "no-register.csv").write_text("a,b\n1,2\n", "utf-8")
    listed = client.get("/seasons").text
    assert "党课" in listed
    assert "no-register" not in listed
    page = _season(client, "党课.xlsx")
    assert _titles(page) == ["第一讲"]
    assert "Overdue" in page, "the notice's deadline is past"
    assert "weike batch 党课.xlsx" in page
    assert "Try again" not in page
    assert "No coordinator on this machine" in page


@pytest.mark.slow
def test_a_season_shows_what_became_of_each_lecture(root: Path) -> None:
    client = _client(root)
    page = _season(client)
    assert _titles(page) == ["&lt;img src=x onerror=alert(1)&gt;一", "第二讲", "第三讲"]
    assert "<img" not in page
    assert page.count(">Delivered late<") == 1 + 1 + 1, "the row's state, its date, the tile"
    assert re.search(r"<b>2</b>Failed", page)
    assert str(root) not in page
    assert page.count("<button id=") == 1, "what is missing in the register cannot be tried again"
    links = re.findall(r'href="(/seasons/[^"]+/files/[^"]+)"', page)
    assert {Path(link.partition("?")[0]).suffix for link in links} >= {".mp4", ".html", ".pdf", ".xlsx"}
    for link in links:
        answer = client.get(link)
        assert answer.status_code == 200
        assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.slow
def test_filters_choose_rows_on_the_server_too(root: Path) -> None:
    client = _client(root)
    assert _titles(_season(client, state="failed")) == ["第二讲", "第三讲"]
    assert _titles(_season(client, unit="乙")) == ["第二讲"]
    assert _titles(_season(client, text="第三 李文清")) == ["第三讲"]
    assert _titles(_season(client, verdict="failed", unit="乙")) == ["第二讲"]
    assert "No lecture is like this" in _season(client, text="nothing like it")
    rows = client.get(f"/seasons/{season_id('out')}/rows", params={"state": "failed", "text": "第二"})
    assert _titles(rows.text) == ["第二讲"]
    assert "<html" not in rows.text
    assert rows.headers["hx-replace-url"].startswith(f"/seasons/{season_id('out')}?state=failed&text=")


@pytest.mark.slow
def test_nothing_but_a_seasons_files_is_given(root: Path) -> None:
    client, place = _client(root), f"/seasons/{season_id('out')}/files"
    (root.parent / "secret.txt").write_text("secret")
    video = next(root.glob("out/*/*.mp4"))
    (video.parent / "link.txt").symlink_to(root.parent / "secret.txt")
    (root / "out" / "aside").mkdir()
    (root / "out" / "aside" / "x.txt").write_text("x")
    for name in ("link.txt", ".weike.json", "..%2f..%2fsecret.txt"):
        assert client.get(f"{place}/{video.stem}/{name}").status_code == 404
    for path in ("%2e%2e/党课.xlsx", ".weike-batch/.asked", "aside/x.txt", "party.mp4", ".asked"):
        assert client.get(f"{place}/{path}").status_code == 404, path


@pytest.mark.slow
def test_a_failed_lecture_is_tried_again_by_the_batchs_own_path(root: Path, make_clip: Callable[..., Path]) -> None:
    place = season_id("out")
    with _client(root) as client:
        refused = client.post(f"/seasons/{place}/again", data={"name": "第三讲"})
        assert (refused.status_code, "web.not-now" in refused.text) == (409, True)
        shutil.copyfile(tone(make_clip, 2), root / "2.mp4")
        form = {"name": "第二讲", "next": f"/seasons/{place}?state=waiting"}
        answer = client.post(f"/seasons/{place}/again", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, form["next"])
        assert client.post(f"/seasons/{place}/again", data=form).status_code == 409
        until, page = time.monotonic() + 240, ""
        while time.monotonic() < until and page.count(LATE) < 2:
            page = _season(client)
            time.sleep(0.5)
        assert page.count(LATE) == 2
        assert re.search(r"<b>1</b>Failed", page)
        lecture = client.get(re.findall(r'href="(/lectures/[^"]+)"', client.get("/").text)[0]).text
        assert f'href="/seasons/{place}"' in lecture
        assert "Take it away" in lecture
    told = json.loads((root / "out" / "season.json").read_text("utf-8"))
    assert [one["verdict"] for one in told["lectures"]].count("failed") == 1, "the batch's report is written anew"
    options = Ledger(root / "out").asked()
    tried = Ledger(root / "out").find("第二讲")
    assert options is not None
    assert tried is not None
    run_batch(plan(root / "党课.xlsx", options), options, Store(root.parent / "cache"), lambda _event: None)
    assert Ledger(root / "out").find("第二讲") == tried, "the batch takes it for its own"


@pytest.mark.slow
def test_while_a_batch_works_nothing_is_tried_again(root: Path) -> None:
    ledger = Ledger(root / "out")
    with ledger.held():
        found = ledger.find("第二讲")
        assert found is not None
        ledger.write(replace(found, state="running", failure=None))
        page = _season(_client(root))
        assert "A batch works on this season now" in page
        assert '<span class="pill">In work</span>' in page
        assert "Try again" not in page
        assert "every 5s" in page
    assert not ledger.is_held()
    assert "every 5s" not in _season(_client(root))


@pytest.mark.slow
def test_what_leads_out_of_the_served_folder_is_not_followed(root: Path) -> None:
    outside = root.parent / "outside.xlsx"
    shutil.move(root / "党课.xlsx", outside)
    note = root / "out" / ".weike-batch" / ".asked"
    note.write_text(note.read_text("utf-8").replace(str(root / "党课.xlsx"), str(outside)), "utf-8")
    page = _season(_client(root))
    assert "lies outside the served folder" in page
    assert _titles(page) == [NAME, "第三讲", "第二讲"]
    assert "Try again" not in page


def test_what_a_batch_was_asked_for_is_read_back_as_it_was(tmp_path: Path) -> None:
    options = BatchOptions(tmp_path / "out", _quick(tmp_path), "李", None, False, what=tmp_path / "党课.xlsx")
    Ledger(options.out).keep_asked(options)
    assert Ledger(options.out).asked() == options
    assert Ledger(options.out).names() == ()
    (options.out / ".weike-batch" / ".asked").write_text("{}")
    assert Ledger(options.out).asked() is None


@pytest.mark.skipif(sys.platform == "win32", reason="state folders are elsewhere")
def test_workstations_are_told_as_the_clusters_own_status_tells_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.cluster.queue import Queue
    from pipeline.cluster.status import queue_of
    from pipeline.cluster.tasks import Task

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    client, root = _client(tmp_path / "served"), tmp_path / "served"
    Ledger(root / "out").keep_asked(BatchOptions(root / "out", _quick(tmp_path), what=root))
    with Queue(queue_of(root / "out")) as queue:
        queue.put([Task("hear:1", "hear", json.dumps({"lecture": "第一讲"}), ("cpu",))])
        assert queue.lease("seat-7", ("cpu",))
    page = _season(client)
    assert "Listen: 0 done, 1 in work, 0 waiting, 0 set aside" in page
    assert re.search(r"<b>seat-7</b><small>第一讲", page)
