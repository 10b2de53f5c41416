"""Whether a folder lies on a disk of this machine: SQLite on a network share loses or spoils what it holds."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import QueueOnShareError

_SHARED = frozenset({
    "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "smbnetfs", "afpfs", "webdav", "davfs", "davfs2",
    "9p", "afs", "coda", "ncpfs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2", "orangefs", "pvfs2",
    "vboxsf", "vmhgfs", "prl_fs", "virtiofs", "acfs", "moosefs", "juicefs", "sshfs", "s3fs", "rclone",
})  # fmt: skip
"""File systems whose files other machines, or a host, may write too. Source: each one's own documentation."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system and where it hangs."""

    point: str
    kind: str
    options: str = ""


def require_local_disk(folder: Path, mounts: Callable[[], Iterable[Mount]] | None = None) -> None:
    """Refuse a folder that lies on a network file system.

    Args:
        folder: it, or the folder above it, exists.
        mounts: gives what is mounted; by default what the system says.

    Raises:
        QueueOnShareError: it lies on a share.
    """
    real = folder.resolve()
    if sys.platform == "win32" and str(real).startswith("\\\\"):
        raise QueueOnShareError(folder, kind="UNC")
    held = [mount for mount in (mounts or _mounts)() if real.is_relative_to(mount.point)]
    if not held:
        return
    mount = max(held, key=lambda mount: len(Path(mount.point).parts))
    if is_shared(mount):
        raise QueueOnShareError(folder, kind=mount.kind)


def is_shared(mount: Mount) -> bool:
    """Tell whether a file system is a network's; one that runs in user space over anything remote is."""
    kind = mount.kind.lower().removeprefix("fuse.").removeprefix("osxfuse_")
    return kind in _SHARED or "remote" in mount.options.split(",")


def _mounts() -> list[Mount]:
    import psutil

    return [Mount(part.mountpoint, part.fstype, part.opts) for part in psutil.disk_partitions(all=True)]
