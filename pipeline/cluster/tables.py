"""The queue's tables, and how SQLite is opened so that what was written stays written."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

VERSION = "2"
"""Raised when the tables change."""
_BUSY_MS = 30_000
METADATA = sa.MetaData()

facts = sa.Table(
    "facts",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
tasks = sa.Table(
    "tasks",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False, server_default="0"),
    sa.Column("put_s", sa.Float, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("begun", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempt", sa.Text),
    sa.Column("ends_at_s", sa.Float),
    sa.Column("result", sa.Text),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.CheckConstraint("(state = 'leased') = (attempt IS NOT NULL)"),
    sa.CheckConstraint("(state = 'done') = (result IS NOT NULL)"),
    sa.Index("turns", "state", sa.text("rank DESC"), "number"),
)
needs = sa.Table(
    "needs",
    METADATA,
    sa.Column("task", sa.Text, sa.ForeignKey("tasks.id"), primary_key=True),
    sa.Column("slot", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
)
attempts = sa.Table(
    "attempts",
    METADATA,
    sa.Column("order", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("task", sa.Text, sa.ForeignKey("tasks.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("began_s", sa.Float, nullable=False),
    sa.Column("ended_s", sa.Float),
    sa.Column("end", sa.Text),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("task", "number"),
)


def connect(path: Path) -> sa.Engine:
    """Return the queue's file opened: WAL, every commit synced, every transaction begun for writing.

    A transaction that reads first and writes later could meet another's write between the two, and would have to be
    begun again; one that is begun for writing waits its turn instead.
    """
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": _BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # pysqlite begins no transaction of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(link: sa.Connection) -> None:
        link.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
