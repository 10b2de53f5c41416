"""What commands print: results, errors, and the progress of their work."""

import json
import sys
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import typer

from pipeline.errors import InterruptedByPersonError, WeikeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.presets import Preset
    from pipeline.records import Report
    from pipeline.season import Failure

COMPLIANT, NOT_COMPLIANT = 0, 10
"""Exit codes of commands that judge."""


def reported(command: Callable[..., None]) -> Callable[..., None]:
    """Turn a command's errors into sentences and exit codes."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except WeikeError as error:
            _say_error(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            from pipeline.media.process import end_all

            end_all()
            stop = InterruptedByPersonError()
            _say_error(stop)
            raise typer.Exit(stop.exit_code) from None

    return wrapped


@contextmanager
def listening() -> "Iterator[Any]":
    """Give a listener to progress that draws bars at a terminal."""
    from pipeline.progress import TerminalProgress

    with TerminalProgress() as progress:
        yield progress


def print_report(report: "Report", preset: "Preset", as_json: bool) -> None:
    """Print a report, for a person or for a machine."""
    if as_json:
        from pipeline.reporting.as_json import report_as_json

        print_json(report_as_json(report, preset))
        return
    from pipeline.reporting.text import report_lines

    for line in report_lines(report):
        typer.echo(line)


def print_json(data: object) -> None:
    """Print JSON values."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=1))


def _say_error(error: WeikeError) -> None:
    typer.echo(error.message.show(), err=True)
    if error.remedy:
        typer.echo(error.advice.show(), err=True)
    typer.echo(f"[{error.id}]", err=True)
    _log(error)


def log_failure(name: str, failure: "Failure") -> None:
    """Keep the details of a lecture's failure for whoever looks after Weike."""
    _keep(f"{name}: [{failure.id}] {failure.message.show()}\n{failure.log}\n")


def _log(error: WeikeError) -> None:
    """Keep the details of an error for whoever looks after Weike."""
    _keep(f"{''.join(traceback.format_exception(error))}\n{error.log}\n")


def _keep(details: str) -> None:
    import platformdirs

    folder = platformdirs.user_log_path("weike", appauthor=False)
    entry = f"{datetime.now(UTC).isoformat()} {sys.argv}\n{details}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "weike.log").open("a", encoding="utf-8") as file:
            file.write(entry)
    except OSError:
        return
