"""Whether a file is named by what it is about, and what it is called in the package."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

from pipeline.output import safe_name
from pipeline.texts import N_

_CAMERA = N_("The name is a camera's: {name}.")
_CHAT = N_("The name is a chat program's: {name}.")
_NEW = N_("The name is what a program gives to a new file: {name}.")
_SCREEN = N_("The name is a screenshot's or a recorder's: {name}.")
_DIGITS = N_("The name is a number or a date alone: {name}.")
_CODE = N_("The name is a code: {name}.")
_KIND = N_("The name says what kind of file it is, not what it is about: {name}.")
UNDECODABLE = N_("The name is in an old encoding, which other computers show as garbage: {name}.")

_END = r"(?=$|[\d\s_\-.()（）])"
_TABLE: tuple[tuple[str, str], ...] = (
    (r"_?(img|dsc|dscn|dscf|mvi|mov|vid|pxl|gopr|dji|cimg|sam|imag|pano|burst|wp|mg|hdr|aud|ptt|cam)[-_ ]?\d", _CAMERA),
    (r"_?(img|dsc|vid|pxl|dji|pano|aud)_", _CAMERA),
    (r"(p|c|gx|gh)\d{4,}$", _CAMERA),
    (r"(微信|wechat|weixin)(图片|视频|截图|录音|文件|image|video|_)", _CHAT),
    (r"(mmexport|wx_camera_|microsoftteams|tim图片|tim截图|qq(图片|截图|视频|录屏|空间)|钉钉|whatsapp)", _CHAT),
    (
        r"新建(文件夹?|文本文档|文档|图像|图片|位图图像|演示文稿|工作表|压缩|项目|录音|"
        r"(microsoft|wps|docx?|xlsx?|pptx?|rtf|text|word)\b.*|" + _END + ")",
        _NEW,
    ),
    (r"(未命名|无标题|未标题|无题$|untitled|unnamed|noname|new (file|folder|document|text|recording))", _NEW),
    (r"(文档|文稿|演示文稿|工作簿|document|presentation|book|doc)\s*[(（]?\d+[)）]?$", _NEW),
    (r"(screenshot|screen shot|screen_?record|snipaste|屏幕(截图|快照|录制|捕获)|(截屏|截图|录屏|录音|新录音|标准录音|"
     r"recording|voice|语音(备忘录)?)" + _END + ")", _SCREEN),
    (r"[\W\d_]+$", _DIGITS),
    (r"\d{4}年\d{1,2}月(\d{1,2}日)?[\W\d_]*$", _DIGITS),
    (r"[0-9a-f]{16,}$|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{20,}$", _CODE),
    (
        r"(图片|照片|相片|图|视频|音频|音视频|文件|附件|素材|成品|最终版|终稿|作品|案例|工作案例|战疫故事汇?|故事|党课|微党课|微课|"
        r"image|photo|picture|pic|video|audio|sound|file|clip|movie|output|final|case|story|lecture)"
        r"[\s_\-.]*[(（]?[\d一二三四五六七八九十]*[)）]?$",
        _KIND,
    ),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), reason) for pattern, reason in _TABLE)


def why_not_a_theme(name: str) -> str | None:
    """Return why a name (without its ending) tells nothing of the content, a gettext source; ``None`` when it may.

    A machine's and a program's own names are known by a table; whether a theme is the right one, a person sees.
    """
    if any("\ud800" <= sign <= "\udfff" for sign in name):
        return UNDECODABLE
    bare = unicodedata.normalize("NFKC", name).strip()
    return next((reason for pattern, reason in _PATTERNS if pattern.match(bare)), None)


def safe_places(places: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the paths in a package, with ``/``: names that Windows, macOS and Linux take, no two alike in any of them.

    Args:
        places: folders and file name of each file, in their order.
    """
    taken: set[str] = set()
    made = []
    for place in places:
        safe = [_safe(part, is_file=number == len(place) - 1) for number, part in enumerate(place)]
        made.append(_untaken("/".join(safe), taken))
    return tuple(made)


def _safe(name: str, *, is_file: bool) -> str:
    """Return one name; a file's ending stays however long the name is."""
    name = unicodedata.normalize("NFC", name)
    suffix = safe_name(f"x{PurePath(name).suffix[:16]}")[1:] if is_file else ""
    return safe_name(name.removesuffix(PurePath(name).suffix) if suffix else name) + suffix


def _untaken(place: str, taken: set[str]) -> str:
    """Return ``place``, numbered when a disk that knows no case would take it for one before."""
    path = PurePath(place)
    number, free = 1, place
    while free.casefold() in taken:
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}").as_posix()
    taken.add(free.casefold())
    return free
