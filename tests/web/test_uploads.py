"""Uploads that go on where they stopped, and what is not taken."""

import base64
import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from pipeline.web.app import create_app
from pipeline.web.settings import ServeSettings
from tests.web.conftest import Server

HOST = "127.0.0.1:8760"
OFFSET = {"Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}
SIZE = 24 << 20


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    settings = ServeSettings(tmp_path / "served", upload_max_bytes=1000, uploads_max=2)
    headers = {"Origin": f"http://{HOST}"}
    return TestClient(create_app(settings), base_url=f"http://{HOST}", headers=headers, follow_redirects=False)


def _begun(client: TestClient, length: int, name: str = "a.mp4") -> str:
    said = base64.b64encode(name.encode()).decode()
    answer = client.post("/uploads", headers={"Upload-Length": str(length), "Upload-Metadata": f"filename {said}"})
    assert answer.status_code == 201
    return str(answer.headers["location"])


def _sent(client: TestClient, place: str, offset: int, data: bytes) -> httpx2.Response:
    return client.patch(place, headers={**OFFSET, "Upload-Offset": str(offset)}, content=data)


def test_blocks_make_the_file(client: TestClient, tmp_path: Path) -> None:
    place = _begun(client, 6, "讲课.mp4")
    assert _sent(client, place, 0, b"abc").headers["upload-offset"] == "3"
    assert client.head(place).headers["upload-offset"] == "3"
    assert _sent(client, place, 0, b"xyz").status_code == 409
    assert _sent(client, place, 3, b"def, and more than was said").headers["upload-offset"] == "6"
    assert next(tmp_path.rglob("讲课.mp4")).read_bytes() == b"abcdef"
    assert client.delete(place).status_code == 204
    assert client.head(place).status_code == 404
    assert not list(tmp_path.rglob("讲课.mp4"))


@pytest.mark.parametrize("length", ["0", "-1", "1001", "9" * 30, "x", "", "１２"])
def test_a_size_that_is_not_taken_is_refused_before_the_first_byte(client: TestClient, length: str) -> None:
    answer = client.post("/uploads", headers={"Upload-Length": length.encode()})
    assert answer.status_code == 413
    assert answer.json()["id"] == "web.upload-refused"


def test_too_many_unfinished_uploads_are_refused(client: TestClient) -> None:
    finished = _begun(client, 1)
    _sent(client, finished, 0, b"x")
    _begun(client, 5)
    _begun(client, 5)
    assert client.post("/uploads", headers={"Upload-Length": "5"}).status_code == 413


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..", "/etc/passwd", "a\\..\\b.mp4", "info.json", "\0", "con", ".hidden", "x" * 300, "a\nb"],
)
def test_no_name_leaves_the_folder_of_its_upload(client: TestClient, tmp_path: Path, name: str) -> None:
    place = _begun(client, 3, name)
    _sent(client, place, 0, b"abc")
    folder = tmp_path / "served" / ".weike-web" / place.lstrip("/")
    files = [path for path in folder.iterdir() if path.name != "info.json"]
    assert [path.read_bytes() for path in files] == [b"abc"]
    assert client.head(place).headers["upload-length"] == "3"
    outside = [p for p in tmp_path.rglob("*") if p.is_file() and folder not in p.parents and "shelf" not in p.name]
    assert outside == []


@pytest.mark.parametrize("picked", ["../secret.mp4", "/etc/passwd", "link.mp4", ".weike-web/x.mp4", "none.mp4", "\0"])
def test_nothing_outside_the_served_folder_can_be_picked(client: TestClient, tmp_path: Path, picked: str) -> None:
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    (tmp_path / "served" / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    answer = client.post("/lectures", data={"picked": picked, "preset": "seu-2020"})
    assert answer.status_code == 422
    assert "secret.mp4" not in client.get("/").text
    assert "link.mp4" not in client.get("/").text


def test_a_lecture_needs_its_upload_whole(client: TestClient) -> None:
    place = _begun(client, 6)
    _sent(client, place, 0, b"abc")
    form = {"upload": place.rpartition("/")[2], "preset": "seu-2020"}
    assert client.post("/lectures", data=form).status_code == 422
    _sent(client, place, 3, b"def")
    assert client.post("/lectures", data=form).status_code == 303
    assert client.delete(place).status_code == 404


def test_an_upload_survives_the_death_of_the_server(serve: Callable[..., Server]) -> None:
    data = random.Random(1).randbytes(SIZE)
    server = serve()
    headers = {**server.origin, "Upload-Length": str(SIZE)}
    place = server.url + httpx2.post(f"{server.url}/uploads", headers=headers).headers["location"]
    cuts = []
    for part in (SIZE // 3, 2 * SIZE // 3):

        def dying(start: int, end: int) -> object:
            for at in range(start, end, 1 << 18):
                yield data[at : at + (1 << 18)]
            server.kill()
            yield data[end : end + (1 << 18)]

        at = int(httpx2.head(place).headers["upload-offset"])
        with pytest.raises(httpx2.HTTPError):
            httpx2.patch(place, headers={**server.origin, **OFFSET, "Upload-Offset": str(at)}, content=dying(at, part))
        server.start()
        cuts.append(int(httpx2.head(place).headers["upload-offset"]))
    assert 0 < cuts[0] < cuts[1] < SIZE
    told = {**server.origin, **OFFSET, "Upload-Offset": str(cuts[1])}
    assert httpx2.patch(place, headers=told, content=data[cuts[1] :], timeout=60).status_code == 204
    kept = next(server.root.rglob("recording"))
    assert hashlib.sha256(kept.read_bytes()).digest() == hashlib.sha256(data).digest()
    assert server.memory_mb < 150
