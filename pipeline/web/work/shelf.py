"""What people asked for and what became of it, in one SQLite file: a restart forgets nothing.

A lecture is *waiting*, *running*, *done*, *failed* or *cancelled*. Every change is one transaction, synced.
"""

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

State = Literal["waiting", "running", "done", "failed", "cancelled"]
ATTEMPTS_MAX = 3
"""A lecture during which the server ended so often is set aside."""
_SESSION_S = 30 * 24 * 3600
_TABLES = """
CREATE TABLE IF NOT EXISTS lectures (
  id TEXT PRIMARY KEY, owner TEXT NOT NULL, wish TEXT NOT NULL, state TEXT NOT NULL, put_s REAL NOT NULL,
  began_s REAL, ended_s REAL, attempts INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS lectures_by_owner ON lectures (owner, put_s);
CREATE TABLE IF NOT EXISTS sessions (digest TEXT PRIMARY KEY, owner TEXT NOT NULL, ends_s REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for; empty text is what was left out."""

    raw: str
    """Path of the recording."""
    name: str
    """Of the delivered folder and its files."""
    preset: str
    script: str = ""
    title: str = ""
    speaker: str = ""
    unit: str = ""
    uploads: tuple[str, ...] = field(default=())
    """Ids of the uploads that belong to it."""
    season: str = ""
    """Path below the served folder of the season to which it belongs and in which it is tried again."""
    subtitles: str = ""
    """Path of a person's subtitle file that is burned in instead of what was recognised."""


@dataclass(frozen=True, slots=True)
class Lecture:
    """A lecture on the shelf."""

    id: str
    owner: str
    wish: Wish
    state: State
    put_s: float
    began_s: float | None
    ended_s: float | None
    attempts: int

    @property
    def is_over(self) -> bool:
        """Nothing more will happen to it by itself."""
        return self.state in {"done", "failed", "cancelled"}


class Shelf:
    """The lectures of all people. Several threads may use it."""

    def __init__(self, path: Path) -> None:
        """Open (and make) the file; what was running when the server ended waits again."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._write() as link:
            link.executescript(_TABLES)

    def take_up(self) -> None:
        """Let what was running when the server ended wait again; what ended it too often has failed."""
        with self._write() as link:
            link.execute(
                "UPDATE lectures SET state='failed', ended_s=? WHERE state='running' AND attempts>=?",
                (time.time(), ATTEMPTS_MAX),
            )
            link.execute("UPDATE lectures SET state='waiting' WHERE state='running'")

    def put(self, owner: str, wish: Wish) -> str:
        """Add a lecture and return its id, which nobody can guess."""
        name = secrets.token_hex(16)
        with self._write() as link:
            link.execute(
                "INSERT INTO lectures (id, owner, wish, state, put_s) VALUES (?,?,?,'waiting',?)",
                (name, owner, json.dumps(asdict(wish), ensure_ascii=False), time.time()),
            )
        return name

    def find(self, lecture: str, owner: str | None = None) -> Lecture | None:
        """Return a lecture, only the owner's own where one is named."""
        with self._read() as link:
            row = link.execute("SELECT * FROM lectures WHERE id=?", (lecture,)).fetchone()
        found = None if row is None else _lecture(row)
        return found if found is None or owner in (None, found.owner) else None

    def of(self, owner: str) -> tuple[Lecture, ...]:
        """Return a person's lectures, the newest first."""
        with self._read() as link:
            rows = link.execute("SELECT * FROM lectures WHERE owner=? ORDER BY put_s DESC LIMIT 500", (owner,))
            return tuple(map(_lecture, rows))

    def before(self, lecture: Lecture) -> int:
        """Return how many lectures come before one that waits."""
        with self._read() as link:
            query = "SELECT count(*) FROM lectures WHERE state='running' OR (state='waiting' AND put_s<?)"
            return int(link.execute(query, (lecture.put_s,)).fetchone()[0])

    def waiting(self, owner: str) -> int:
        """Return how many of a person's lectures wait or run."""
        with self._read() as link:
            query = "SELECT count(*) FROM lectures WHERE owner=? AND state IN ('waiting','running')"
            return int(link.execute(query, (owner,)).fetchone()[0])

    def open_in(self, season: str) -> dict[str, Lecture]:
        """Return, by its name, each lecture of a season that waits or runs here."""
        with self._read() as link:
            rows = link.execute("SELECT * FROM lectures WHERE state IN ('waiting','running') ORDER BY put_s")
            found = tuple(map(_lecture, rows))
        return {lecture.wish.name: lecture for lecture in found if lecture.wish.season == season}

    def begin_next(self) -> Lecture | None:
        """Return the lecture that has waited longest, which is running from now on."""
        with self._write() as link:
            row = link.execute("SELECT id FROM lectures WHERE state='waiting' ORDER BY put_s LIMIT 1").fetchone()
            if row is None:
                return None
            change = "UPDATE lectures SET state='running', began_s=?, attempts=attempts+1 WHERE id=? RETURNING *"
            return _lecture(link.execute(change, (time.time(), row["id"])).fetchone())

    def end(self, lecture: str, state: State) -> None:
        """Note what became of a lecture; one that was cancelled meanwhile stays so."""
        with self._write() as link:
            change = "UPDATE lectures SET state=?, ended_s=? WHERE id=? AND state='running'"
            link.execute(change, (state, time.time(), lecture))

    def cancel(self, lecture: str) -> None:
        """Let a lecture that waits or runs be so no longer."""
        with self._write() as link:
            change = "UPDATE lectures SET state='cancelled', ended_s=? WHERE id=? AND state IN ('waiting','running')"
            link.execute(change, (time.time(), lecture))

    def again(self, lecture: str) -> None:
        """Let a lecture that failed or was cancelled wait once more."""
        with self._write() as link:
            change = "UPDATE lectures SET state='waiting', put_s=?, attempts=0 WHERE id=? AND state IN (?,?)"
            link.execute(change, (time.time(), lecture, "failed", "cancelled"))

    def burn(self, lecture: str, subtitles: Path) -> bool:
        """Let a lecture that is over wait once more, with a person's subtitles; tell whether it does."""
        change = "UPDATE lectures SET state='waiting', wish=?, put_s=?, attempts=0 WHERE id=?"
        with self._write() as link:
            query = "SELECT wish FROM lectures WHERE id=? AND state NOT IN ('waiting','running')"
            row = link.execute(query, (lecture,)).fetchone()
            if row is None:
                return False
            wish = json.dumps(json.loads(row["wish"]) | {"subtitles": str(subtitles)}, ensure_ascii=False)
            link.execute(change, (wish, time.time(), lecture))
        return True

    def forget(self, lecture: str) -> None:
        """Take a lecture that is over off the shelf."""
        with self._write() as link:
            link.execute("DELETE FROM lectures WHERE id=? AND state NOT IN ('waiting','running')", (lecture,))

    def used_uploads(self) -> frozenset[str]:
        """Return the ids of uploads that belong to a lecture."""
        with self._read() as link:
            wishes = [json.loads(row["wish"]) for row in link.execute("SELECT wish FROM lectures")]
        return frozenset(name for wish in wishes for name in wish["uploads"])

    def open_session(self, owner: str) -> str:
        """Return the secret of a new session; only its digest is kept."""
        secret = secrets.token_urlsafe(32)
        with self._write() as link:
            link.execute("DELETE FROM sessions WHERE ends_s<?", (time.time(),))
            link.execute("INSERT INTO sessions VALUES (?,?,?)", (_digest(secret), owner, time.time() + _SESSION_S))
        return secret

    def session(self, secret: str) -> str | None:
        """Return whose session a secret opens."""
        with self._read() as link:
            query = "SELECT owner FROM sessions WHERE digest=? AND ends_s>?"
            row = link.execute(query, (_digest(secret), time.time())).fetchone()
        return None if row is None else str(row["owner"])

    def close_session(self, secret: str) -> None:
        """End a session."""
        with self._write() as link:
            link.execute("DELETE FROM sessions WHERE digest=?", (_digest(secret),))

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        link = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        link.row_factory = sqlite3.Row
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                link.execute(f"PRAGMA {pragma}").close()
            yield link
        finally:
            link.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._read() as link:
            link.execute("BEGIN IMMEDIATE")
            try:
                yield link
            except BaseException:
                link.rollback()
                raise
            link.commit()


def _lecture(row: sqlite3.Row) -> Lecture:
    values = dict(row)
    wish = json.loads(values.pop("wish"))
    return Lecture(wish=Wish(**{**wish, "uploads": tuple(wish["uploads"])}), **values)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
