from pathlib import Path

import pytest

from pipeline.cluster.local_disk import Mount, is_shared, require_local_disk
from pipeline.errors import QueueOnShareError

SHARED = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.glusterfs", "ceph", "lustre", "9p", "davfs")
LOCAL = ("ext4", "xfs", "btrfs", "zfs", "apfs", "hfs", "NTFS", "tmpfs", "overlay", "fuseblk", "exfat")


@pytest.mark.parametrize("kind", SHARED)
def test_a_share_is_refused(kind: str, tmp_path: Path) -> None:
    mounts = [Mount("/", "ext4"), Mount(str(tmp_path), kind)]
    with pytest.raises(QueueOnShareError) as refused:
        require_local_disk(tmp_path, lambda: mounts)
    assert refused.value.values["kind"] == kind


@pytest.mark.parametrize("kind", LOCAL)
def test_a_disk_is_taken(kind: str, tmp_path: Path) -> None:
    require_local_disk(tmp_path, lambda: [Mount("/", "nfs4"), Mount(str(tmp_path), kind)])


def test_the_nearest_mount_counts_and_links_are_followed(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (tmp_path / "link").symlink_to(share)
    mounts = [Mount("/", "ext4"), Mount(str(share), "nfs4")]
    require_local_disk(tmp_path, lambda: mounts)
    require_local_disk(tmp_path / "share-of-mine", lambda: mounts)
    with pytest.raises(QueueOnShareError):
        require_local_disk(tmp_path / "link", lambda: mounts)


def test_windows_says_remote() -> None:
    assert is_shared(Mount("Z:\\", "NTFS", "rw,remote"))
    assert not is_shared(Mount("C:\\", "NTFS", "rw,fixed"))


def test_this_machine_s_own_temporary_folder_is_a_disk(tmp_path: Path) -> None:
    require_local_disk(tmp_path)
