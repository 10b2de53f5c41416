"""What every page works with, hung on the application once."""

from dataclasses import dataclass, field
from typing import cast

from fastapi import Request

from pipeline.errors import WebNotFoundError
from pipeline.web.settings import ServeSettings
from pipeline.web.work.preparing import Preparer
from pipeline.web.work.runner import Runner
from pipeline.web.work.shelf import Lecture, Shelf
from pipeline.web.work.uploads import Uploads


@dataclass
class Desk:
    """The served folder and who works on it."""

    settings: ServeSettings
    shelf: Shelf
    uploads: Uploads
    runner: Runner
    preparer: Preparer
    receiving: set[str] = field(default_factory=set)
    """Ids of uploads whose bytes arrive at this moment."""


def desk_of(request: Request) -> Desk:
    """Return what the application works with."""
    return cast("Desk", request.app.state.desk)


def owner_of_request(request: Request) -> str:
    """Return who asks, as the guard found."""
    return str(request.state.owner)


def lecture_of_request(request: Request, lecture_id: str) -> Lecture:
    """Return the lecture that is asked for.

    Raises:
        WebNotFoundError: there is none of that id that is theirs who ask.
    """
    found = desk_of(request).shelf.find(lecture_id, owner_of_request(request))
    if found is None:
        raise WebNotFoundError
    return found
