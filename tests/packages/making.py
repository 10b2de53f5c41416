"""A right package, made of real files, and the means to spoil it."""

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

PRESET = """
id = "small"
extends = "seu-2020"
[limits]
width_px = 320
height_px = 180
[levels]
"subtitle.burned" = "note"
"""
PIECES = ("志愿者测量体温", "社区门口的守夜", "方舱医院的清晨", "老党员捐款", "线上主题党日", "校医院的隔离区")

MakeClip = Callable[..., Path]
PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1"]
QUICK = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]


def lecture(make_clip: MakeClip) -> Path:
    """A second of picture and sound as the small preset asks it."""
    sound = ["-f", "lavfi", "-i", "sine=d=1:r=48000", "-c:a", "aac", "-ac", "2"]
    return make_clip("lecture.mp4", [*PICTURE, *sound, *QUICK, "-movflags", "+faststart"])


def video(make_clip: MakeClip) -> Path:
    return make_clip("story.mp4", [*PICTURE[:-1], "testsrc=s=320x180:r=25:d=2", *QUICK, "-g", "5"])


def sound(make_clip: MakeClip) -> Path:
    return make_clip("song.mp3", ["-f", "lavfi", "-i", "sine=f=330:d=1", "-c:a", "libmp3lame"])


def picture(path: Path, number: int = 0, form: str = "JPEG", size: tuple[int, int] = (64, 48)) -> Path:
    raster = Image.effect_noise(size, 40 + number)
    path.parent.mkdir(parents=True, exist_ok=True)
    raster.save(path, form)
    return path


def word(path: Path, text: str = "把论文写在抗疫一线。") -> Path:
    document = docx.Document()
    document.add_paragraph(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))
    return path


def pdf(path: Path, *, password: str = "", script: str = "") -> Path:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if script:
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    if password:
        writer.encrypt(password)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write(path)
    return path


def with_macros(path: Path) -> Path:
    """A Word document as it is with macros, whatever its ending says."""
    source = io.BytesIO(word(path).read_bytes())
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for info in old.infolist():
            new.writestr(info, old.read(info))
        new.writestr("word/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    return path


def packed(path: Path, *names: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return path


def right_package(folder: Path, make_clip: MakeClip) -> Path:
    """A package as the notice asks it: a lecture, two stories, a case, six pieces."""
    folder.mkdir(parents=True)
    for part in ("党课", "战疫故事汇/逆行者日记", "工作案例", "图片音视频"):
        (folder / part).mkdir(parents=True)
    shutil.copyfile(lecture(make_clip), folder / "党课" / "疫情大考中的责任与担当.mp4")
    word(folder / "战疫故事汇" / "逆行者日记" / "逆行者日记.docx", "除夕夜，她剪短了头发。")
    picture(folder / "战疫故事汇" / "逆行者日记" / "出发前的合影.jpg", 20)
    shutil.copyfile(video(make_clip), folder / "战疫故事汇" / "一封家书.mp4")
    (folder / "工作案例" / "网格化管理的一天.txt").write_bytes("早上六点，网格员上岗。".encode("gb18030"))
    for number, name in enumerate(PIECES[:4]):
        picture(folder / "图片音视频" / f"{name}.jpg", number)
    picture(folder / "图片音视频" / f"{PIECES[4]}.png", 5, "PNG")
    shutil.copyfile(sound(make_clip), folder / "图片音视频" / f"{PIECES[5]}.mp3")
    return folder
