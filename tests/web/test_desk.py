"""The reviewer's desk without a browser: what is kept, what is told about it, what is burned."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from pipeline.events import silent
from pipeline.lecture import with_subtitles
from pipeline.store import Store
from pipeline.web.app import create_app
from pipeline.web.work.material import PEAKS, PICTURE
from pipeline.web.work.shelf import Shelf
from pipeline.web.work.worker import job_of
from tests.web.desk_lecture import SPEAKING, TEXTS, Prepared, prepared, with_words

HOST = "127.0.0.1:8760"
HEADERS = {"Origin": f"http://{HOST}", "Accept-Language": "en"}
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, make_clip: Callable[..., Path]) -> Prepared:
    folder = tmp_path_factory.mktemp("desk")
    made = prepared(folder / "served", folder / "cache", make_clip("speaking.mp4", SPEAKING))
    with_words(made)
    return made


@pytest.fixture
def made(whole: Prepared) -> Prepared:
    """The lecture as it was before anybody corrected it."""
    for path in (whole.settings.review(whole.lecture.id) / "versions").glob("*"):
        path.unlink()
    return whole


def opened(made: Prepared) -> TestClient:
    return TestClient(create_app(made.settings), base_url=f"http://{HOST}", headers=HEADERS, follow_redirects=False)


@pytest.fixture
def client(made: Prepared) -> TestClient:
    return opened(made)


def sent(document: dict[str, Any], version: int | None = None, **texts: str) -> dict[str, Any]:
    """What the page sends when the texts of some cues, by their ids, were changed."""
    cues = [cue | ({"text": texts[cue["id"]]} if cue["id"] in texts else {}) for cue in document["cues"]]
    return {"version": document["version"] if version is None else version, "cues": cues}


def kinds(document: dict[str, Any]) -> dict[str, set[str]]:
    return {name: {remark["kind"] for remark in remarks} for name, remarks in document["remarks"].items()}


def test_the_desk_opens_with_what_was_delivered_and_with_its_doubts(client: TestClient, made: Prepared) -> None:
    page = client.get(made.place)
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    nonce = re.search(r"'nonce-([\w-]{20,})'", policy)
    assert nonce is not None
    assert nonce[1] not in client.get(made.place).text
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", page.text)
    document = client.get(f"{made.place}/cues").json()
    document |= client.get(f"{made.place}/remarks").json()
    assert document["version"] == 0
    assert tuple(cue["text"] for cue in document["cues"]) == TEXTS
    found = kinds(document)
    assert "homophone" in found["c1"]
    assert "deviation" in found["c2"]
    assert "low-confidence" in found["c4"]
    assert "c5" not in found
    (suggested,) = [remark for remark in document["remarks"]["c1"] if remark["kind"] == "homophone"]
    assert (suggested["found"], suggested["suggestion"]) == ("一情防控", "疫情防控")


def test_doubts_follow_what_a_person_writes(client: TestClient, made: Prepared) -> None:
    first = client.get(f"{made.place}/cues").json()
    changed = sent(first, c1="我们要做好疫情防控工作。", c2="这句话是讲稿里有的，", c5="，这一行太长了" * 5)
    changed["cues"][3]["start_ms"] = changed["cues"][2]["end_ms"] - 500
    found = client.put(f"{made.place}/cues", json=changed).json()
    assert found["version"] == 1
    assert "c1" not in kinds(found)
    assert "deviation" not in kinds(found).get("c2", set())
    assert {"unbreakable", "long", "fast", "layout"} <= kinds(found)["c5"]
    said = " ".join(remark["text"] for name in ("c3", "c5") for remark in found["remarks"][name])
    assert "No line may begin with ，" in said
    assert "begins before the one above it has ended" in said


def test_who_comes_second_is_told_and_nothing_is_lost(client: TestClient, made: Prepared) -> None:
    first = client.get(f"{made.place}/cues").json()
    assert client.put(f"{made.place}/cues", json=sent(first, c0="第一个人写的")).status_code == 200
    late = client.put(f"{made.place}/cues", json=sent(first, c0="第二个人写的"))
    assert late.status_code == 409
    assert late.json()["id"] == "web.stale"
    assert "version 0" in late.json()["message"]
    assert client.get(f"{made.place}/cues").json()["cues"][0]["text"] == "第一个人写的"
    assert client.put(f"{made.place}/cues", json=sent(first, 1, c0="第二个人写的")).status_code == 200
    versions = made.settings.review(made.lecture.id) / "versions"
    assert "第一个人写的" in (versions / "1.srt").read_text("utf-8")
    assert "第二个人写的" in (versions / "2.srt").read_text("utf-8")


def test_what_was_answered_is_there_after_the_server_died(client: TestClient, made: Prepared) -> None:
    first = client.get(f"{made.place}/cues").json()
    first["cues"][1]["is_checked"] = True
    client.put(f"{made.place}/cues", json=sent(first, c0="改过的\n两行"))
    again = opened(made).get(f"{made.place}/cues").json()
    assert again["version"] == 1
    assert again["cues"][0]["text"] == "改过的\n两行"
    assert [cue["is_checked"] for cue in again["cues"]] == [False, True, False, False, False, False]


def test_cues_are_kept_in_order_and_empty_ones_are_not(client: TestClient, made: Prepared) -> None:
    first = client.get(f"{made.place}/cues").json()
    first["cues"].append({"id": "n1", "start_ms": 0, "end_ms": 300, "text": "最前面"})
    first["cues"].append({"id": "n2", "start_ms": 100, "end_ms": 200, "text": " \n "})
    assert client.put(f"{made.place}/cues", json=sent(first)).status_code == 200
    texts = [cue["text"] for cue in client.get(f"{made.place}/cues").json()["cues"]]
    assert texts == ["最前面", *TEXTS]


def written(text: str, *more: str, end_ms: str = "9") -> str:
    first = f'{{"id":"a","start_ms":0,"end_ms":{end_ms},"text":"{text}"}}'
    return f'{{"version":0,"cues":[{",".join((first, *more))}]}}'


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        '{"version":0}',
        '{"version":-1,"cues":[]}',
        '{"version":"0","cues":[]}',
        written("x", end_ms="9e9"),
        written("x", end_ms='1,"extra":1'),
        written("x" * 501),
        written("x", '{"id":"a","start_ms":9,"end_ms":10,"text":"x"}'),
        written("\\ud800"),
        written("一\\n00:00:01,000 --> 00:00:02,000\\n二"),
        " " * (5 << 20),
    ],
)
def test_what_cannot_be_kept_is_refused_and_changes_nothing(client: TestClient, made: Prepared, body: str) -> None:
    answer = client.put(f"{made.place}/cues", content=body.encode())
    assert (answer.status_code, answer.json()["id"]) == (422, "web.form")
    assert client.get(f"{made.place}/cues").json()["version"] == 0


def test_markup_in_a_text_is_text(client: TestClient, made: Prepared) -> None:
    first = client.get(f"{made.place}/cues").json()
    kept = client.put(f"{made.place}/cues", json=sent(first, c0="甲 < 乙 & <script>丙</script>")).json()
    assert kept["texts"] == {"c0": "甲 < 乙 & 丙"}
    assert client.get(f"{made.place}/cues").headers["content-type"] == "application/json"


def test_a_cue_can_be_compared_with_what_was_heard_and_with_the_script(client: TestClient, made: Prepared) -> None:
    words = client.get(f"{made.place}/words").json()
    assert "".join(text for _s, _e, text in words["heard"]).startswith("同志们，今天我们上一堂微当课。")
    script = "".join(text for _s, _e, text in words["script"])
    assert "这句话是讲稿里有的，" in script
    assert "剧本" not in script


def test_picture_and_sound_are_there_in_any_range(client: TestClient, made: Prepared) -> None:
    part = client.get(f"{made.place}/picture", headers={"Range": "bytes=100-199"})
    assert (part.status_code, len(part.content)) == (206, 100)
    peaks = client.get(f"{made.place}/peaks").content
    assert len(peaks) == 24 * 50
    assert max(peaks[5:15]) < 5 < min(peaks[25:95])


def test_what_is_not_prepared_yet_is_told_from_what_will_never_be(client: TestClient, made: Prepared) -> None:
    folder = made.settings.review(made.lecture.id)
    desk = client.app.state.desk  # type: ignore[attr-defined]
    aside = folder / "aside"
    for name, path in (("picture", PICTURE), ("peaks", PEAKS)):
        (folder / path).rename(aside)
        try:
            soon = client.get(f"{made.place}/{name}", headers={"Range": "bytes=0-0"})
            assert (soon.status_code, soon.headers["retry-after"], soon.content) == (202, "2", b"")
            desk.preparer._failed.add(made.lecture.id)
            assert client.get(f"{made.place}/{name}").status_code == 404
        finally:
            desk.preparer._failed.clear()
            aside.rename(folder / path)


def test_a_text_is_painted_once(client: TestClient, made: Prepared) -> None:
    painted = client.get(f"{made.place}/painted", params={"text": "不忘初心，牢记使命。"})
    assert painted.headers["content-type"] == "image/png"
    assert "immutable" in painted.headers["cache-control"]
    kept = made.settings.cache / "artefacts" / "painted"
    before = {path: path.stat().st_ino for path in kept.glob("*.png")}
    assert client.get(f"{made.place}/painted", params={"text": "不忘初心"}).content != painted.content
    same = client.get(f"{made.place}/painted", params={"text": "不忘初心 ，牢记使命"})
    assert same.content == painted.content, "the same is drawn"
    assert all(path.stat().st_ino == made_as for path, made_as in before.items())
    for text in ("", " ", "x" * 501, "𪚥\U0002fa1d"):
        assert client.get(f"{made.place}/painted", params={"text": text}).status_code == 422


def test_burning_encodes_only_what_changed(client: TestClient, made: Prepared) -> None:
    first = client.get(f"{made.place}/cues").json()
    client.put(f"{made.place}/cues", json=sent(first, c3="坚持以人民为中心。"))
    stale = client.post(f"{made.place}/burn", json={"version": 0})
    assert stale.status_code == 422
    assert client.post(f"{made.place}/burn", json={"version": 1}).status_code == 202
    assert client.post(f"{made.place}/burn", json={"version": 1}).status_code == 422
    shelf = Shelf(made.settings.state / "shelf.sqlite")
    lecture = shelf.begin_next()
    assert lecture is not None
    store = Store(made.settings.cache)
    report, folder = with_subtitles(job_of(made.settings, lecture), Path(lecture.wish.subtitles), store, silent)
    shelf.end(lecture.id, "done")
    assert report.delivery is not None
    assert report.delivery.segments == 6
    assert report.delivery.segments_encoded == 1
    assert "坚持以人民为中心。" in (folder / "课.srt").read_text("utf-8")
    assert json.loads((folder / "report.json").read_text("utf-8"))["subtitles"]["person_file"] == "课.srt"


def test_a_lecture_without_subtitles_has_no_desk(client: TestClient, made: Prepared, tmp_path: Path) -> None:
    shelf = Shelf(made.settings.state / "shelf.sqlite")
    lecture = shelf.put(made.lecture.owner, made.lecture.wish)
    for path in ("", "/cues", "/remarks", "/words"):
        answer: httpx2.Response = client.get(f"/lectures/{lecture}/review{path}")
        assert (answer.status_code, answer.json()["id"]) == (409, "web.no-review")
    assert client.get(f"/lectures/{lecture}/review/picture").status_code == 404
    assert client.post(f"/lectures/{lecture}/review/burn", json={"version": 0}).status_code == 409
    shelf.cancel(lecture)
