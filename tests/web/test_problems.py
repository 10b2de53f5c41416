"""What cannot be done is said in words, with an id and what to do, and never with a trace or a path of the server."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.errors import DiskFullError
from pipeline.web.app import create_app
from pipeline.web.settings import ServeSettings
from tests.register.registers import fill
from tests.web.conftest import TOKENS

HOST = "127.0.0.1:8760"
HTML = {"Accept": "text/html"}


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    made = create_app(ServeSettings(tmp_path / "served", tokens=TOKENS, upload_max_bytes=10))

    @made.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret of the server")

    @made.get("/full")
    def full() -> None:
        raise DiskFullError(tmp_path / "served" / "folder", needed="9 GB", free="1 GB")

    return made


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    headers = {"Origin": f"http://{HOST}", "Accept-Language": "en", **HTML}
    made = TestClient(app, base_url=f"http://{HOST}", headers=headers, follow_redirects=False)
    assert made.post("/login", data={"token": TOKENS[0]}).status_code == 303
    return made


CASES = [
    (403, "web.refused", "GET", "/", {"headers": {"Host": "evil.example"}}),
    (403, "web.login-wrong", "POST", "/login", {"data": {"token": "wrong"}}),
    (404, "web.not-found", "GET", "/nowhere", {}),
    (405, "web.not-found", "DELETE", "/", {}),
    (409, "web.not-now", "POST", "/seasons/{season}/again", {"data": {"name": "第一讲"}}),
    (413, "web.upload-refused", "POST", "/uploads", {"headers": {"Upload-Length": "11"}}),
    (422, "web.form", "POST", "/lectures", {"data": {"preset": "seu-2020"}}),
    (422, "web.form", "GET", "/seasons/{season}/files/index.html?show=perhaps", {}),
    (500, "web.broken", "GET", "/broken", {}),
    (507, "disk.full", "GET", "/full", {}),
]


@pytest.mark.parametrize(("status", "name", "method", "path", "asked"), CASES)
def test_a_refusal_is_a_page_in_words(
    client: TestClient, tmp_path: Path, status: int, name: str, method: str, path: str, asked: dict[str, object]
) -> None:
    from pipeline.web.work.seasons import season_id

    (tmp_path / "served" / "film.mp4").write_bytes(b"x")
    row = {"title": "第一讲", "speaker": "李", "unit": "甲", "recordings": "film.mp4"}
    fill(tmp_path / "served" / "党课.xlsx", [row])
    address = path.format(season=season_id("党课.xlsx"))
    english = client.request(method, address, **asked)
    assert (english.status_code, f"<code>{name}</code>" in english.text) == (status, True), english.text
    assert english.text.count("<p>") >= 3, "what happened, what to do, its id"
    assert "default-src 'none'" in english.headers["content-security-policy"]
    for secret in ("Traceback", "secret of the server", str(tmp_path), "RuntimeError"):
        assert secret not in english.text
    headers = {**dict(asked.get("headers", {})), "Accept-Language": "zh-CN"}
    chinese = client.request(method, address, **{**asked, "headers": headers})
    assert "无法完成" in chinese.text
    told = client.request(method, address, **{**asked, "headers": {**headers, "Accept": "application/json"}}).json()
    assert told["id"] == name
    assert told["message"]
    assert told["advice"]


def test_asking_without_end_is_told_in_words(client: TestClient) -> None:
    answers = [client.post("/login", data={"token": "guess"}) for _ in range(12)]
    assert answers[-1].status_code == 429
    assert "web.too-often" in answers[-1].text
