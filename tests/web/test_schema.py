"""Whatever is sent to any route of the application's own OpenAPI description: no fault of the server, in any language.

``WEIKE_WEB_FULL`` tries far more. Ids are real ones half of the time, so that what lies behind them is reached too.
"""

import os
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from pipeline.records import Cue, CueSheet, Soundtrack
from pipeline.timing import FrameGrid
from pipeline.web import guard
from pipeline.web.app import create_app
from pipeline.web.settings import ServeSettings
from pipeline.web.work.material import Material, keep_material
from pipeline.web.work.seasons import season_id
from pipeline.web.work.shelf import Wish
from tests.register.registers import fill
from tests.web.conftest import TOKENS

schemathesis = pytest.importorskip("schemathesis")
HOST = "127.0.0.1:8760"
EXAMPLES = 300 if os.environ.get("WEIKE_WEB_FULL") else 6
schemathesis.serializer("application/offset+octet-stream")(lambda _told, value: value)
_DROPPED = frozenset({"host", "origin", "cookie", "content-length", "transfer-encoding", "accept", "user-agent"})
"""Headers that are the client's own business; hostile ones are in ``test_guard``."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    root = tmp_path_factory.mktemp("schema") / "served"
    made = create_app(ServeSettings(root, tokens=TOKENS, upload_max_bytes=10**6, uploads_max=10**6))
    (root / "film.mp4").write_bytes(b"x")
    fill(root / "党课.xlsx", [{"title": "一", "speaker": "李", "unit": "甲", "recordings": "film.mp4"}])
    with pytest.MonkeyPatch.context() as patience:
        patience.setattr(guard, "_CHANGES_A_MINUTE", 10**9)
        patience.setattr(guard, "_LOGINS_A_MINUTE", 10**9)
        yield made


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    headers = {"Origin": f"http://{HOST}", "Accept": "text/html"}
    made = TestClient(app, base_url=f"http://{HOST}", headers=headers, follow_redirects=False)
    assert made.post("/login", data={"token": TOKENS[0]}).status_code == 303
    return made


def _real(app: FastAPI, client: TestClient) -> dict[str, str]:
    """Return an id of each kind that means something to this person."""
    shelf = app.state.desk.shelf
    owner = shelf.session(client.cookies["weike_session"])
    lecture = shelf.put(owner, Wish("/film.mp4", "film", "seu-2020", title="题目"))
    shelf.cancel(lecture)
    sheet = CueSheet((Cue(0, 1000, "一", "一", None), Cue(2000, 3000, "二", "二", None)))
    grid, sound = FrameGrid(Fraction(25), 250), Soundtrack(None, None, None, 0.0, (), 10_000)
    keep_material(Material(grid, sound, sheet, None), app.state.desk.settings.review(lecture))
    upload = client.post("/uploads", headers={"Upload-Length": "10"}).headers["location"].rpartition("/")[2]
    return {"lecture_id": lecture, "upload_id": upload, "season_id": season_id("党课.xlsx")}


def _operations() -> list[Any]:
    """Return the operations that the application describes, from one that serves nothing."""
    with tempfile.TemporaryDirectory() as place:
        described = create_app(ServeSettings(Path(place) / "served", tokens=TOKENS)).openapi()
    found = [made.ok() for made in schemathesis.openapi.from_dict(described).get_all_operations()]
    assert len(found) >= 20
    return found


def _sent(client: TestClient, case: Any, ids: dict[str, str]) -> Any:
    case.path_parameters = {**(case.path_parameters or {}), **ids} if case.path_parameters else case.path_parameters
    told = case.as_transport_kwargs(base_url=f"http://{HOST}")
    headers = {name: value for name, value in told.pop("headers", {}).items() if name.lower() not in _DROPPED}
    data = told.pop("data", None)
    body = {"content": data} if isinstance(data, bytes | str) else {"data": data}
    kept = {key: told[key] for key in ("method", "url", "params", "json") if told.get(key) is not None}
    return client.request(**kept, **body, headers=headers)


@pytest.mark.parametrize("operation", _operations(), ids=lambda one: one.label)
def test_no_route_meets_a_fault_of_its_own(app: FastAPI, client: TestClient, operation: Any) -> None:
    real = _real(app, client)
    wanted = {name: real[name] for name in real if f"{{{name}}}" in operation.path}

    @seed(1)
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(operation.as_strategy(), st.booleans())
    def tried(case: Any, is_real: bool) -> None:
        answer = _sent(client, case, wanted if is_real else {})
        assert answer.status_code < 500, (answer.status_code, case.as_curl_command(), answer.text)
        assert "Traceback" not in answer.text

    tried()
