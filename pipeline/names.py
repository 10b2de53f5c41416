"""Whether a file is named by what it is about, or as a camera, a program or nobody in particular named it."""

import re
import unicodedata

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
    (r"_?(img|dsc|dscn|dscf|mvi|mov|vid|pxl|gopr|win|dji|cimg|sam|imag|pano|burst|wp|mg|hdr|aud|ptt|cam)[-_ ]?\d",
     _CAMERA),
    (r"_?(img|dsc|vid|pxl|dji|pano|aud)_", _CAMERA),
    (r"(p|c|gx|gh)\d{4,}$", _CAMERA),
    (r"(微信|wechat|weixin)(图片|视频|截图|录音|文件|image|video|_)", _CHAT),
    (r"(mmexport|wx_camera_|microsoftteams|tim图片|tim截图|qq(图片|截图|视频|录屏|空间)|钉钉|whatsapp)", _CHAT),
    (
        r"新建(文件夹?|文本文档|文档|图像|图片|位图图像|演示文稿|工作表|压缩|项目|录音|"
        r"(microsoft|wps|docx?|xlsx?|pptx?|rtf|text|word)\b.*|" + _END + ")",
        _NEW,
    ),
    (r"(未命名|无标题|未标题|无题$|untitled|unnamed|noname|new (file|folder|document|text|video|recording))", _NEW),
    (r"(文档|文稿|演示文稿|工作簿|document|presentation|book|doc)\s*[(（]?\d+[)）]?$", _NEW),
    (r"(screenshot|screen shot|screen[ _]?record|snipaste|屏幕(截图|快照|录制|捕获)|"
     r"(截屏|截图|录屏|录像|录音|新录音|标准录音|recording|voice|语音(备忘录)?)" + _END + ")", _SCREEN),
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
