"""A right package passes; spoilt in one way, that way is found, at that file, under its rule."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.events import silent
from pipeline.packages.package import Wanted, examine
from pipeline.packages.records import Package
from pipeline.presets import Preset
from pipeline.store import Store
from tests.packages import making

Spoil = Callable[[Path, making.MakeClip], Path | None]

STORY, CASE, PIECE = "战疫故事汇", "工作案例", "图片音视频"
_TEXT = "网格化管理的一天.txt"


def written(place: str, data: bytes) -> Spoil:
    def spoil(folder: Path, _clip: making.MakeClip) -> Path:
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return spoil


def renamed(old: str, new: str) -> Spoil:
    def spoil(folder: Path, _clip: making.MakeClip) -> Path:
        return (folder / old).rename(folder / new)

    return spoil


def cut(place: str, share: float) -> Spoil:
    def spoil(folder: Path, _clip: making.MakeClip) -> Path:
        path = folder / place
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
        return path

    return spoil


def removed(place: str) -> Spoil:
    def spoil(folder: Path, _clip: making.MakeClip) -> None:
        path = folder / place
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return spoil


def made(place: str, maker: Callable[[Path], Path]) -> Spoil:
    return lambda folder, _clip: maker(folder / place)


def linked(place: str, *, target: str = "secret", folder_link: bool = False) -> Spoil:
    def spoil(folder: Path, _clip: making.MakeClip) -> Path:
        secret = folder.parent / target
        if folder_link:
            secret.mkdir()
            making.picture(secret / "秘密.jpg")
        else:
            making.picture(secret)
        (folder / place).symlink_to(secret)
        return folder / place

    return spoil


def two_lectures(folder: Path, make_clip: making.MakeClip) -> None:
    shutil.copyfile(making.video(make_clip), folder / "党课" / "另一节党课讲责任.mp4")


def not_compliant(folder: Path, make_clip: making.MakeClip) -> Path:
    """A lecture of another raster."""
    path = folder / "党课" / "疫情大考中的责任与担当.mp4"
    wide = make_clip("wide.mp4", ["-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=1", *making.QUICK])
    shutil.copyfile(wide, path)
    return path


def broken_sound(folder: Path, make_clip: making.MakeClip) -> Path:
    """A song whose middle was overwritten."""
    path = folder / PIECE / f"{making.PIECES[5]}.mp3"
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    path.write_bytes(data)
    return path


def same_twice(folder: Path, _clip: making.MakeClip) -> Path:
    path = folder / PIECE / "老党员捐款现场.jpg"
    shutil.copyfile(folder / PIECE / "老党员捐款.jpg", path)
    return path


def story_twice(folder: Path, _clip: making.MakeClip) -> Path:
    """The same text once more in a story's folder."""
    path = folder / STORY / "逆行者日记" / "逆行者日记.docx"
    shutil.copyfile(path, path.with_name("又一篇日记.docx"))
    return path


def pipe(folder: Path, _clip: making.MakeClip) -> Path:
    path = folder / CASE / "管道里的案例"
    os.mkfifo(path)
    return path


def stray_folder(folder: Path, make_clip: making.MakeClip) -> Path:
    return written("杂项/通知.txt", "通知".encode())(folder, make_clip).parent


def many_pieces(folder: Path, _clip: making.MakeClip) -> None:
    for number in range(10):
        making.picture(folder / PIECE / f"抗疫一线第{number}班.jpg", 100 + number)


def bomb(path: Path) -> Path:
    """A PNG of a few hundred bytes that announces 400 million pixels."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 20000, 20000, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
    )
    return path


CAMERA = "志愿者测量体温.jpg"
DEFECTS: dict[str, tuple[str, Spoil, str]] = {
    # what is wrong: (rule, how it is made, what is said of it)
    "no lecture": ("package.lecture", removed("党课/疫情大考中的责任与担当.mp4"), "0 found, 1 asked"),
    "two lectures": ("package.lecture", two_lectures, "2 found, 1 asked"),
    "no story": ("package.stories", removed(STORY), "0 found, 1–2 asked"),
    "three stories": ("package.stories", made(f"{STORY}/三个人的除夕.docx", making.word), "3 found, 1–2 asked"),
    "no case": ("package.cases", removed(CASE), "0 found, 1–2 asked"),
    "few pieces": ("package.pieces", removed(f"{PIECE}/老党员捐款.jpg"), "5 found, 6–14 asked"),
    "many pieces": ("package.pieces", many_pieces, "16 found, 6–14 asked"),
    "a lecture that fails its check": ("package.check", not_compliant, "video.raster"),
    "a truncated picture": ("package.formats", cut(f"{PIECE}/{CAMERA}", 0.5), "incomplete or damaged"),
    "a truncated PNG": ("package.formats", cut(f"{PIECE}/线上主题党日.png", 0.7), "incomplete or damaged"),
    "a decompression bomb": ("package.formats", made(f"{PIECE}/巨幅照片中的武汉.png", bomb), "million pixels"),
    "a HEIC picture": (
        "package.formats",
        written(f"{PIECE}/手机拍的校园.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        "Export it as JPEG",
    ),
    "a truncated video": ("package.formats", cut(f"{STORY}/一封家书.mp4", 0.9), "does not open"),
    "a damaged song": ("package.formats", broken_sound, "do not decode"),
    "a damaged Word document": (
        "package.formats",
        cut(f"{STORY}/逆行者日记/逆行者日记.docx", 0.6),
        "does not open",
    ),
    "a Word document without text": (
        "package.formats",
        made(f"{STORY}/逆行者日记/后记.docx", lambda path: making.word(path, "")),
        "no text in it",
    ),
    "a PDF with a password": (
        "package.formats",
        made(f"{CASE}/{_TEXT[:-4]}.pdf", lambda path: making.pdf(path, password="secret")),
        "password",
    ),
    "a damaged PDF": ("package.formats", written(f"{CASE}/{_TEXT[:-4]}.pdf", b"%PDF-1.7\n1 0 obj"), "does not open"),
    "a text of no encoding": (
        "package.formats",
        written(f"{CASE}/乱码案例.txt", b"\xff\x00\x81\xfe\x01"),
        "Nothing here knows",
    ),
    "a text without text": ("package.formats", written(f"{CASE}/{_TEXT[:-4]}.md", b" \n \n"), "no text in it"),
    "an empty file": ("package.formats", written(f"{PIECE}/空荡荡的街道.jpg", b""), "empty (0 bytes)"),
    "a wrong ending": (
        "package.formats",
        renamed(f"{PIECE}/线上主题党日.png", f"{PIECE}/线上主题党日.jpg"),
        "holds PNG",
    ),
    "text named as a video": (
        "package.formats",
        written(f"{STORY}/一封家书/家书.mp4", b"#EXTM3U\n/etc/passwd\n"),
        "holds TXT",
    ),
    "a kind that is not asked for": (
        "package.formats",
        made(f"{PIECE}/六个人的名单.docx", making.word),
        "Word is not asked",
    ),
    "a workbook": (
        "package.formats",
        made(f"{CASE}/物资台账.xlsx", lambda path: making.packed(path, "[Content_Types].xml", "xl/workbook.xml")),
        "Excel",
    ),
    "macros": ("package.files", made(f"{CASE}/带宏的案例材料.docm", making.word), "macros"),
    "hidden macros": ("package.files", made(f"{CASE}/网格化管理细则.docx", making.with_macros), "macros"),
    "an old Office document": (
        "package.files",
        written(f"{CASE}/旧版案例材料.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        "old Office",
    ),
    "a PDF that runs a script": (
        "package.files",
        made(f"{CASE}/{_TEXT[:-4]}.pdf", lambda path: making.pdf(path, script="app.alert(1)")),
        "runs a script",
    ),
    "a program": ("package.files", written(f"{PIECE}/抗疫动画.exe", b"MZ" + bytes(80)), "program"),
    "a program named as a picture": ("package.files", written(f"{PIECE}/抗疫动画.jpg", b"MZ" + bytes(80)), "program"),
    "a script": ("package.files", written(f"{CASE}/整理案例.txt", b"#!/bin/sh\nrm -rf ~\n"), "program"),
    "a page": ("package.files", written(f"{CASE}/案例网页.html", b"<script>alert(1)</script>"), "program"),
    "an archive": (
        "package.files",
        made(f"{PIECE}/全部照片.zip", lambda path: making.packed(path, "a.jpg")),
        "archive",
    ),
    "a link": ("package.files", linked(f"{PIECE}/指向别处.jpg"), "link"),
    "a link to a folder": ("package.files", linked(f"{STORY}/指向文件夹", folder_link=True), "link"),
    "a part that is a link": ("package.files", linked("图片", folder_link=True), "link"),
    "a pipe": ("package.files", pipe, "neither a file nor a folder"),
    "a stray file": ("package.files", written("通知.txt", "通知".encode()), "belongs to no part"),
    "a stray folder": ("package.files", stray_folder, "belongs to no part"),
    "the same twice": ("package.duplicates", same_twice, "same content as 图片音视频/老党员捐款.jpg"),
    "a story twice": ("package.duplicates", story_twice, "same content as 战疫故事汇/逆行者日记/又一篇日记.docx"),
}


NAMELESS = (
    """
IMG_20200301_120000|IMG_1234|DSC_0042|DSC00042|P1010023|MVI_0001|VID_20200301|PXL_20200301|ＩＭＧ_1234|DJI_0007
微信图片_20200301120000|微信截图_2020|WeChat_20200301|mmexport1583040000000|wx_camera_1583040|QQ图片20200301
新建文本文档|新建 Microsoft Word 文档|新建 DOCX 文档|新建文件夹|新建|未命名|未命名 2|无标题|未标题-1|Untitled
untitled-2|文档1|演示文稿1|Document 1|Screenshot_20200301|屏幕截图 2020-03-01|截屏2020-03-01 12.00|录屏|录音 1
20200301|1|2020-03-01 12_00|2020年3月1日|（1）|3f2504e04f8941d39a0c0305e82c3301
3f2504e0-4f89-41d3-9a0c-0305e82c3301|图片1|照片 (3)|视频|案例二|战疫故事|image1
""".strip()
    .replace("\n", "|")
    .split("|")
)
THEMES = (
    """
新建方舱医院的十天|新建火神山|图片里的武汉|视频连线的主题党日|案例教学走进社区|2020年的春天|第1课时的课堂
Images of Wuhan|MOVING forward|Vidal的讲述|录音机里的家乡|党课进社区|战疫故事里的青年|P先生的口罩|C919的翅膀
文档里的抗疫|微信群里的支部会|QQ群里的党小组|截图背后的坚守
""".strip()
    .replace("\n", "|")
    .split("|")
)


def found(package: Package, rule: str) -> list[tuple[str, str]]:
    verdict = next(verdict for verdict in package.verdicts if verdict.rule == rule)
    return [(fault.place, fault.message.show()) for fault in verdict.faults] if verdict.kind == "fail" else []


def test_a_right_package_passes(look: Callable[[], Package]) -> None:
    package = look()
    assert [(v.rule, [f.message.show() for f in v.faults]) for v in package.verdicts if v.kind != "pass"] == []
    assert package.is_compliant
    assert len(package.items) == 11


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_and_named(
    defect: str, folder: Path, look: Callable[[], Package], make_clip: making.MakeClip
) -> None:
    rule, spoil, said = DEFECTS[defect]
    path = spoil(folder, make_clip)
    package = look()
    faults = found(package, rule)
    assert any(said in text for _, text in faults), [(v.rule, v.kind, v.faults) for v in package.verdicts]
    if path is not None and rule != "package.stories":
        place = path.relative_to(folder).as_posix()
        assert place in [place for place, text in faults if said in text]
    verdict = next(verdict for verdict in package.verdicts if verdict.rule == rule)
    assert package.is_compliant == (verdict.level != "required")


@pytest.mark.parametrize("name", NAMELESS)
def test_a_name_that_tells_nothing_is_found(name: str, folder: Path, look: Callable[[], Package]) -> None:
    renamed(f"{PIECE}/{CAMERA}", f"{PIECE}/{name}.jpg")(folder, lambda *_: Path())
    package = look()
    assert [place for place, text in found(package, "package.names") if name in text] == [f"{PIECE}/{name}.jpg"]
    assert not package.is_compliant


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_is_left_alone(name: str, folder: Path, look: Callable[[], Package]) -> None:
    renamed(f"{PIECE}/{CAMERA}", f"{PIECE}/{name}.jpg")(folder, lambda *_: Path())
    assert found(look(), "package.names") == []


def test_a_large_file_is_named(folder: Path, small: Preset, store: Store) -> None:
    assert small.package is not None
    least = small.package.model_copy(update={"file_max_bytes": 20_000})
    preset = small.model_copy(update={"package": least})
    package = examine(Wanted("大", folder), preset, store, silent)
    larger = {item.entry.shown for item in package.items if item.size_bytes > 20_000}
    assert larger
    assert {place for place, text in found(package, "package.size") if "more than 0.000 GB" in text} == larger
    assert package.is_compliant


def test_a_work_s_folder_is_named_by_its_theme_too(folder: Path, look: Callable[[], Package]) -> None:
    (folder / STORY / "逆行者日记").rename(folder / STORY / "新建文件夹")
    assert [place for place, _ in found(look(), "package.names")] == [f"{STORY}/新建文件夹"]


def test_files_of_systems_are_left_out_and_told(folder: Path, look: Callable[[], Package]) -> None:
    for name in ("Thumbs.db", ".DS_Store", "desktop.ini", "~$逆行者日记.docx", "._照片.jpg"):
        (folder / PIECE / name).write_bytes(b"MZ")
    package = look()
    assert package.is_compliant
    assert len(package.items) == 11
    assert len(package.ignored) == 5
