"""Nothing a stranger puts into a package leads out of it, runs, or reaches a spreadsheet as a formula."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import ChangedWhilePackedError, UnreadableFileError
from pipeline.events import silent
from pipeline.packages.names import safe_places
from pipeline.packages.package import Wanted, deliver, examine
from pipeline.packages.reading import read_content
from pipeline.packages.records import Package
from pipeline.presets import Preset, load_preset
from pipeline.store import Store
from tests.packages.making import PRESET, picture, right_package
from tests.threats.conftest import TOKEN, Listener

PATHS = (
    "..", "../../etc/passwd", "..\\..\\windows\\system32", "/etc/passwd", "\\\\server\\share", "C:\\x", "C:x", "a:b",
    "NUL", "con.txt", "COM1.jpg", "aux", "lpt9.tar.gz", " ", ".", "...", "x.", "x ", "a\x00b", "a\nb", "a\rb", "a|b",
    "a<b>", 'a"b', "a?b", "a*b", "~", "-rf", "\u202egpj.exe", "长" * 200 + ".jpg",
)  # fmt: skip
LEADS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋")
FORMULA = "cmd|'/C calc'!A0"


@pytest.fixture
def small(tmp_path: Path) -> Preset:
    path = tmp_path / "small.toml"
    path.write_text(PRESET)
    return load_preset(str(path))


@pytest.fixture
def folder(tmp_path: Path, make_clip: Callable[..., Path]) -> Path:
    return right_package(tmp_path / "机械学院党委", make_clip)


@pytest.fixture
def kept(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """What was measured of the lecture, for the session."""
    return Store(tmp_path_factory.getbasetemp() / "package-cache")


def pack(folder: Path, preset: Preset, kept: Store, tmp_path: Path) -> tuple[Package, Path]:
    package = examine(Wanted("pack", folder), preset, kept, silent)
    return package, deliver(package, tmp_path / "out", zipped=True)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
@pytest.mark.parametrize("place", ["党课/讲稿.txt", "战疫故事汇/逆行者日记/附记.txt", "图片音视频/秘密.jpg", "秘密"])
def test_no_link_is_followed(
    place: str, folder: Path, small: Preset, kept: Store, canary: Path, tmp_path: Path
) -> None:
    target = canary if place == "秘密" else canary / "secret.txt"
    (folder / place).symlink_to(target, target_is_directory=target.is_dir())
    package, delivered = pack(folder, small, kept, tmp_path)
    assert not package.is_compliant
    assert place not in {item.entry.shown for item in package.items}
    assert not list(delivered.glob("*.zip"))
    assert all(TOKEN.encode() not in path.read_bytes() for path in delivered.iterdir())


@pytest.mark.parametrize("swapped", ["file", "folder", "pipe"])
def test_a_link_put_in_a_file_s_place_after_the_check_is_not_followed(
    swapped: str, folder: Path, small: Preset, kept: Store, canary: Path, tmp_path: Path
) -> None:
    package = examine(Wanted("pack", folder), small, kept, silent)
    victim = folder / "工作案例" / "网格化管理的一天.txt"
    victim.unlink()
    if swapped == "pipe":
        os.mkfifo(victim)
    elif swapped == "file":
        victim.symlink_to(canary / "secret.txt")
    else:
        victim.parent.rmdir()
        (canary / victim.name).write_text(TOKEN)
        victim.parent.symlink_to(canary, target_is_directory=True)
    with pytest.raises((UnreadableFileError, ChangedWhilePackedError)):
        deliver(package, tmp_path / "out", zipped=True)
    assert not list((tmp_path / "out").rglob("*.zip"))


@pytest.mark.parametrize("part", PATHS, ids=range(len(PATHS)))
def test_no_path_in_the_archive_leads_out_of_it(part: str, tmp_path: Path) -> None:
    (place,) = safe_places([("图片音视频", part, f"{part}.jpg")])
    assert not place.startswith("/")
    assert all(each not in {"", ".", ".."} for each in place.split("/"))
    assert len(place.split("/")) == 3
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(zipfile.ZipInfo(place), b"x")
    with zipfile.ZipFile(archive) as packed:
        root = (tmp_path / "out").resolve()
        packed.extractall(root)
    (made,) = [path for path in root.rglob("*") if path.is_file()]
    assert made.resolve().is_relative_to(root)


@pytest.mark.parametrize("lead", LEADS)
def test_no_name_is_a_formula_in_the_workbook(
    lead: str, folder: Path, small: Preset, kept: Store, tmp_path: Path
) -> None:
    name = f"{lead}{FORMULA}".replace("/", "／")
    picture(folder / "图片音视频" / f"{name}.jpg", 99)
    picture(folder / "战疫故事汇" / name / f"{name}.jpg", 98)
    _, delivered = pack(folder, small, kept, tmp_path)
    cells = [
        cell
        for sheet in openpyxl.load_workbook(delivered / "manifest.xlsx")
        for row in sheet
        for cell in row
        if cell.value is not None
    ]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert [cell for cell in cells if "calc" in str(cell.value)]
    assert not [cell.value for cell in cells if str(cell.value).startswith(LEADS)]


def test_no_file_makes_the_reader_call_anybody(listener: Listener, canary: Path, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{listener.port}/x"
    texts = {
        "a.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}.ts\n{canary}/secret.ts\n",
        "b.jpg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}.png"/></svg>',
        "c.mov": f"ffconcat version 1.0\nfile '{canary}/secret.ts'\n",
        "d.pdf": f"%!PS-Adobe-3.0 EPSF-3.0\n({url}) (r) file\n",
        "e.docx": f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "{url}">]><r>&x;</r>',
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.write_text(text)
        content = read_content(path)
        assert path.suffix not in content.suffixes
        assert TOKEN not in repr(content)
    assert listener.calls == []


def test_an_entity_in_a_word_document_reaches_nothing(listener: Listener, canary: Path, tmp_path: Path) -> None:
    body = (
        '<?xml version="1.0"?><!DOCTYPE w:document [<!ENTITY x SYSTEM "{}">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>&x;</w:t></w:r></w:p></w:body></w:document>"
    )
    from tests.packages.making import word

    for number, target in enumerate((f"http://127.0.0.1:{listener.port}/", f"file://{canary}/secret.txt")):
        whole = word(tmp_path / f"{number}.docx")
        spoilt = tmp_path / f"{number}-x.docx"
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(spoilt, "w") as new:
            for info in old.infolist():
                is_body = info.filename == "word/document.xml"
                new.writestr(info, body.format(target).encode() if is_body else old.read(info))
        content = read_content(spoilt)
        assert content.problem is not None, "an entity is no text"
    assert listener.calls == []
