"""How the pages are served: where, to whom, from which folder, and how much anybody may put there."""

import hashlib
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import psutil

from pipeline.errors import WebTokenError

TOKEN_MIN = 16
"""Characters of a token at least; a random one of that length is not guessed."""
LOCAL_OWNER = "local"
"""Whose everything is where no token is asked for."""
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """What ``weike serve`` was told."""

    root: Path
    """The only folder that is read and written, the cache aside."""
    host: str = "127.0.0.1"
    port: int = 8760
    tokens: tuple[str, ...] = ()
    """One a person; each sees only what is theirs. None: whoever sits at this machine."""
    names: tuple[str, ...] = ()
    """Further names under which people call this machine."""
    cache: Path | None = None
    model: str | None = None
    engine: str | None = None
    upload_max_bytes: int = 20 * 10**9
    """Largest recording that is taken."""
    uploads_max: int = 20
    """Most unfinished uploads of one person."""
    waiting_max: int = 50
    """Most lectures of one person that wait."""
    upload_kept_s: int = 7 * 24 * 3600
    """An upload that nobody goes on with or uses is removed after so long."""

    @property
    def state(self) -> Path:
        """Folder of everything but the lectures."""
        return self.root / ".weike-web"

    @property
    def uploads(self) -> Path:
        """Folder of what was uploaded."""
        return self.state / "uploads"

    @property
    def lectures(self) -> Path:
        """Folder in which each lecture has its own."""
        return self.root / "lectures"

    def work(self, lecture: str) -> Path:
        """Return the folder of a lecture's events and outcome."""
        return self.state / "lectures" / lecture

    def review(self, lecture: str) -> Path:
        """Return the folder of what a lecture's reviewer works with."""
        return self.work(lecture) / "review"


def require_safe(settings: ServeSettings) -> None:
    """Refuse to serve other machines without a token, and tokens that can be guessed.

    Raises:
        WebTokenError: so it is.
    """
    if not is_loopback(settings.host) and not settings.tokens:
        raise WebTokenError(host=settings.host, least=TOKEN_MIN)
    if any(len(token) < TOKEN_MIN for token in settings.tokens):
        raise WebTokenError(host=settings.host, least=TOKEN_MIN)


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def owner_of(token: str) -> str:
    """Return whose a token is, in a form that does not give it away."""
    return hashlib.sha256(b"weike-owner:" + token.encode()).hexdigest()[:16]


def allowed_hosts(settings: ServeSettings) -> frozenset[str]:
    """Return what may stand in a request's ``Host``: what names this machine, with the port.

    Names that were given may stand without it too, as a proxy in front passes them on.
    """
    names = {*_LOOPBACK, settings.host, *settings.names}
    if not is_loopback(settings.host):
        names |= {socket.gethostname(), socket.getfqdn(), *_own_addresses()}
    written = {f"[{name}]" if ":" in name and not name.startswith("[") else name.lower() for name in names}
    bare = {name for name in written if settings.port == 80} | {name.lower() for name in settings.names}
    return frozenset({f"{name}:{settings.port}" for name in written} | bare)


def _own_addresses() -> set[str]:
    kinds = (socket.AF_INET, socket.AF_INET6)
    found = [entry for entries in psutil.net_if_addrs().values() for entry in entries if entry.family in kinds]
    return {entry.address.partition("%")[0] for entry in found}
