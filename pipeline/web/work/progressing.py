"""How far a lecture is, from the notes of its process."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.events import StageAdvanced, StageFinished, StageStarted
from pipeline.progress import STAGE_NAMES, Shares
from pipeline.texts import _, language

_SURE = 0.04
"""Below this share of the work nobody knows how long the rest takes."""
_NOTICES_MAX = 50


@dataclass
class StageView:
    """One stage as it is shown."""

    stage: str
    total: float | None
    done: float = 0.0
    is_over: bool = False
    is_reused: bool = False

    @property
    def name(self) -> str:
        """Return its name in the language in force."""
        return _(STAGE_NAMES.get(self.stage, self.stage))

    @property
    def percent(self) -> int | None:
        """Return how much of it is done, ``None`` where nobody knows."""
        if self.is_over:
            return 100
        return min(99, int(100 * self.done / self.total)) if self.total else None


@dataclass
class Progress:
    """Follows the notes of one lecture; ``read`` takes what is new."""

    path: Path
    stages: dict[str, StageView] = field(default_factory=dict)
    notices: list[dict[str, str]] = field(default_factory=list)
    began_s: float | None = None
    _offset: int = 0
    _shares: Shares = field(default_factory=Shares)

    def read(self) -> bool:
        """Take the new notes; tell whether there were any."""
        try:
            with self.path.open("rb") as file:
                if self._offset > file.seek(0, 2):  # a new attempt began
                    self.__init__(self.path)  # type: ignore[misc]
                file.seek(self._offset)
                data = file.read()
        except OSError:
            return False
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            self._take(json.loads(line))
        return bool(whole)

    @property
    def percent(self) -> int:
        """Return how much of the lecture is done, roughly."""
        return min(99, int(100 * self._shares.share))

    @property
    def left_s(self) -> int | None:
        """Return how many seconds it still takes, at the pace so far; ``None`` where nobody knows."""
        share = self._shares.share
        if self.began_s is None or share < _SURE:
            return None
        return max(1, round((time.time() - self.began_s) * (1 - share) / share))

    def said(self) -> list[str]:
        """Return the notices in the language in force."""
        return [notice.get(language(), "") for notice in self.notices]

    def _take(self, note: dict[str, Any]) -> None:
        stage = str(note["stage"])
        self.began_s = self.began_s or float(note["at"])
        match note["kind"]:
            case "started":
                self.stages[stage] = StageView(stage, note["total"])
                self._shares(StageStarted(stage, note["total"]))
            case "advanced" if stage in self.stages:
                self.stages[stage].done = float(note["done"])
                self._shares(StageAdvanced(stage, float(note["done"])))
            case "finished":
                view = self.stages.setdefault(stage, StageView(stage, None))
                view.is_over, view.is_reused = True, bool(note["reused"])
                self._shares(StageFinished(stage))
            case "notice" if len(self.notices) < _NOTICES_MAX:
                self.notices.append(note["message"])
