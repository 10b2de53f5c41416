"""Who may ask what: every route against a bad Host, a bad Origin, no session, and somebody else's session."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.errors import WebTokenError
from pipeline.web.app import create_app
from pipeline.web.settings import ServeSettings, allowed_hosts
from pipeline.web.work.shelf import Wish
from tests.web.conftest import TOKENS

HOST = "127.0.0.1:8760"
HEADERS = {"Host": HOST, "Origin": f"http://{HOST}", "Accept-Language": "en"}


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return create_app(ServeSettings(tmp_path / "served", tokens=TOKENS))


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=f"http://{HOST}", headers=HEADERS, follow_redirects=False)


@pytest.fixture
def people(app: FastAPI) -> list[TestClient]:
    clients = []
    for token in TOKENS:
        client = TestClient(app, base_url=f"http://{HOST}", headers=HEADERS, follow_redirects=False)
        assert client.post("/login", data={"token": token}).status_code == 303
        clients.append(client)
    return clients


def _routes(app: FastAPI) -> list[tuple[str, str]]:
    paths = app.openapi()["paths"]
    filled = re.compile(r"\{[^}]*\}")
    return [(method.upper(), filled.sub("0" * 32, path)) for path, methods in paths.items() for method in methods]


def test_every_route_refuses_another_host(app: FastAPI, people: list[TestClient]) -> None:
    routes = _routes(app)
    assert len(routes) >= 15
    for method, path in routes:
        for host in ("evil.example", "evil.example:8760", "127.0.0.1:81", ""):
            assert people[0].request(method, path, headers={"Host": host}).status_code == 403, (method, path, host)


def test_whatever_changes_something_refuses_another_origin(app: FastAPI, people: list[TestClient]) -> None:
    changing = [(method, path) for method, path in _routes(app) if method not in {"GET", "HEAD", "OPTIONS"}]
    assert len(changing) >= 9
    for method, path in changing:
        for origin in ("http://evil.example", "null", "", f"http://{HOST}.evil.example", "http://127.0.0.1:81"):
            answer = people[0].request(method, path, headers={"Origin": origin})
            assert answer.status_code == 403, (method, path, origin)


def test_every_route_but_the_entrance_needs_a_session(app: FastAPI, stranger: TestClient) -> None:
    for method, path in _routes(app):
        if not path.startswith(("/login", "/assets", "/language")):
            assert stranger.request(method, path).status_code == 401, (method, path)
            answer = stranger.request(method, path, headers={"Cookie": "weike_session=guess"})
            assert answer.status_code == 401, (method, path)


def test_a_browser_without_a_session_is_led_to_the_login_and_never_elsewhere(stranger: TestClient) -> None:
    led = stranger.get("/lectures/x", headers={"Accept": "text/html"})
    assert led.headers["location"] == "/login?next=/lectures/x"
    for wanted in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = stranger.post("/login", data={"token": TOKENS[0], "next": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_session_is_kept_from_scripts_and_from_other_pages(stranger: TestClient) -> None:
    cookie = stranger.post("/login", data={"token": TOKENS[0]}).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKENS[0] not in cookie


def test_guessing_a_token_ends_soon(stranger: TestClient) -> None:
    answers = [stranger.post("/login", data={"token": f"guess-{n}"}).status_code for n in range(12)]
    assert answers[0] == 403
    assert answers[-1] == 429


def test_logging_out_ends_the_session(people: list[TestClient]) -> None:
    assert people[0].get("/").status_code == 200
    secret = people[0].cookies["weike_session"]
    people[0].post("/logout")
    assert people[0].get("/", headers={"Cookie": f"weike_session={secret}"}).status_code == 401


def test_nobody_sees_what_is_somebody_elses(app: FastAPI, people: list[TestClient]) -> None:
    mine, theirs = people
    desk = app.state.desk
    owner = desk.shelf.session(mine.cookies["weike_session"])
    lecture = desk.shelf.put(owner, Wish("/recording.mp4", "secret-name", "seu-2020", title="secret-title"))
    upload = mine.post("/uploads", headers={"Upload-Length": "10"}).headers["location"]
    assert mine.get(f"/lectures/{lecture}").status_code == 200
    assert mine.head(upload).status_code == 200
    assert "secret" in mine.get("/").text
    assert "secret" not in theirs.get("/").text
    for method, path in _routes(app):
        if "0" * 32 in path and not path.startswith("/assets"):
            for name in (lecture, upload.rpartition("/")[2]):
                answer = theirs.request(method, path.replace("0" * 32, name))
                assert answer.status_code in {403, 404}, (method, path)
    assert desk.shelf.find(lecture).state == "waiting"
    assert mine.head(upload).status_code == 200


def test_every_answer_keeps_scripts_of_others_out(people: list[TestClient], stranger: TestClient) -> None:
    for answer in (people[0].get("/"), people[0].get("/nowhere"), stranger.get("/"), stranger.get("/login")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers


def test_pages_hold_no_inline_script_or_style(people: list[TestClient], stranger: TestClient) -> None:
    for page in (people[0].get("/").text, stranger.get("/login").text):
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", page)
        assert not re.search(r"(src|href|action)=\"(https?:)?//", page)


def test_what_a_person_wrote_is_shown_as_text(app: FastAPI, people: list[TestClient]) -> None:
    owner = app.state.desk.shelf.session(people[0].cookies["weike_session"])
    payload = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
    wish = Wish("/x.mp4", "x", "seu-2020", title=payload, speaker=payload, unit=payload)
    lecture = app.state.desk.shelf.put(owner, wish)
    for page in (people[0].get("/").text, people[0].get(f"/lectures/{lecture}").text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "49" not in re.sub(r"v=[0-9a-f]+|[0-9a-f]{32}", "", page)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_other_machines_need_a_token(tmp_path: Path) -> None:
    for tokens in ((), ("short",)):
        with pytest.raises(WebTokenError):
            create_app(ServeSettings(tmp_path, host="0.0.0.0", tokens=tokens))
    assert "evil.example:8760" not in allowed_hosts(ServeSettings(tmp_path, host="0.0.0.0", tokens=TOKENS))


def test_a_proxy_with_tls_in_front_is_known_by_its_name(tmp_path: Path) -> None:
    app = create_app(ServeSettings(tmp_path, tokens=TOKENS, names=("weike.example.edu",)))
    client = TestClient(app, base_url="https://weike.example.edu", follow_redirects=False)
    answer = client.post("/login", data={"token": TOKENS[0]}, headers={"Origin": "https://weike.example.edu"})
    assert answer.status_code == 303
    assert "; secure" in answer.headers["set-cookie"].lower()
    assert client.get("/login", headers={"Host": "weike.example.com"}).status_code == 403


@pytest.mark.parametrize(("wish", "word"), [("zh-CN,zh;q=0.9", "开始制作"), ("en-GB,en", "Make the lecture")])
def test_a_page_speaks_the_browsers_language(people: list[TestClient], wish: str, word: str) -> None:
    assert word in people[0].get("/", headers={"Accept-Language": wish}).text


def test_a_chosen_language_stays(people: list[TestClient]) -> None:
    people[0].post("/language", data={"language": "zh_CN", "next": "/"})
    assert "开始制作" in people[0].get("/").text
