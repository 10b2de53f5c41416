"""Words at the end, sent to servers on loopback."""

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import trustme

from pipeline.announcing.announce import announce
from pipeline.announcing.settings import AnnouncementSettings, load_settings
from pipeline.errors import AnnouncementSettingsError

SECRET = "geheim-4711"
MAIL = """
[mail]
host = "localhost"
port = {port}
user = "weike"
sender = "weike@example.edu.cn"
recipients = ["a@example.edu.cn", "b@example.edu.cn"]
ca_file = "{ca}"
timeout_s = 5.0
"""


class Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP over TLS as a client needs; keeps what it was told."""

    told: ClassVar[list[bytes]] = []
    trusted: ClassVar[ssl.SSLContext]

    def handle(self) -> None:
        try:
            link = self.trusted.wrap_socket(self.request, server_side=True)
        except ssl.SSLError:
            return  # the client trusts nobody here
        with link, link.makefile("rwb", 0) as talk:
            talk.write(b"220 test\r\n")
            for line in talk:
                self.told.append(line)
                verb = line[:4].upper()
                if verb == b"DATA":
                    talk.write(b"354 go on\r\n")
                    while (text := talk.readline()) != b".\r\n":
                        self.told.append(text)
                talk.write(b"250-test\r\n250 AUTH PLAIN\r\n" if verb == b"EHLO" else ANSWERS.get(verb, b"250 ok\r\n"))
                if verb == b"QUIT":
                    return


ANSWERS = {b"AUTH": b"235 ok\r\n", b"QUIT": b"221 bye\r\n"}


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted, or redirects to itself."""

    told: ClassVar[list[tuple[str, Any, str | None]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.append((self.path, json.loads(body), self.headers.get("Authorization")))
        self.send_response(307 if self.path == "/elsewhere" else 204)
        self.send_header("Location", "/hook")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AnnouncementSettings]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    Smtp.trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(Smtp.trusted)
    Smtp.told.clear()
    monkeypatch.setenv("WEIKE_SMTP_PASSWORD", SECRET)
    with socketserver.TCPServer(("127.0.0.1", 0), Smtp) as server, serving(server):
        path = tmp_path / "notify.toml"
        path.write_text(MAIL.format(port=server.server_address[1], ca=tmp_path / "ca.pem"))
        yield load_settings(path)


@pytest.fixture
def hook() -> Iterator[int]:
    Hook.told.clear()
    with HTTPServer(("127.0.0.1", 0), Hook) as server, serving(server):
        yield server.server_address[1]


def at(port: int, path: str = "/hook") -> AnnouncementSettings:
    return AnnouncementSettings.model_validate({"webhook": {"url": f"http://127.0.0.1:{port}{path}", "token": SECRET}})


def test_an_email_goes_over_tls_to_everybody(mail: AnnouncementSettings) -> None:
    assert announce(mail, "共 3 讲\n合格", ["第一讲 合格", "第二讲 未完成"], {}) == ()
    told = b"".join(Smtp.told)
    assert told.lower().count(b"rcpt to:") == 2
    assert b"AUTH PLAIN" in told
    assert SECRET not in repr(mail)


def test_a_server_that_nobody_vouches_for_is_sent_nothing(mail: AnnouncementSettings) -> None:
    assert mail.mail is not None
    stranger = AnnouncementSettings(mail=mail.mail.model_copy(update={"ca_file": None}))
    (problem,) = announce(stranger, "s", ["l"], {})
    assert "CERTIFICATE_VERIFY_FAILED" in problem.show()
    assert Smtp.told == []


def test_a_web_hook_is_sent_the_summary(hook: int) -> None:
    assert announce(at(hook), "s", [], {"题目": "责任"}) == ()
    assert Hook.told == [("/hook", {"题目": "责任"}, f"Bearer {SECRET}")]


def test_no_redirect_is_followed(hook: int) -> None:
    (problem,) = announce(at(hook, "/elsewhere"), "s", [], {})
    assert "HTTP 307" in problem.show()
    assert [path for path, _body, _token in Hook.told] == ["/elsewhere"]


def test_a_server_that_is_not_there_is_told_and_fails_nothing() -> None:
    nobody = {"mail": {"host": "127.0.0.1", "port": 9, "sender": "a@b", "recipients": ["c@d"]}}
    both = AnnouncementSettings.model_validate({**nobody, **at(9).model_dump(exclude={"mail"})})
    problems = announce(both, "s", [], {})
    assert len(problems) == 2
    assert all(SECRET not in problem.show() for problem in problems)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[webhook]\nurl = 'file:///etc/passwd'", "webhook.url"),
        ("[webhook]\nurl = 'https://x'\ntokn = 'x'", "webhook.tokn"),
        ("[mail]\nhost = 'x'\nsender = 'nobody'\nrecipients = ['a@b']", "mail.sender"),
        (
            f"[mail]\nhost = 'x'\nsender = 'a@b'\nrecipients = ['a@b']\nsecurity = 'none'\npassword = '{SECRET}'",
            "mail.security",
        ),
        ("nothing", "Expected '='"),
    ],
)
def test_settings_that_cannot_be_used(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "n.toml").write_text(text)
    with pytest.raises(AnnouncementSettingsError) as caught:
        load_settings(tmp_path / "n.toml")
    assert problem in caught.value.message.show()
    assert SECRET not in caught.value.message.show()


def test_nothing_is_sent_where_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEIKE_NOTIFY", raising=False)
    assert announce(load_settings(None), "s", [], {}) == ()
