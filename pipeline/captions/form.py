"""The forms in which subtitles are handed on."""

from enum import StrEnum


class Form(StrEnum):
    """A form of subtitles; its value is the suffix of the file."""

    SRT = "srt"
    VTT = "vtt"
    ASS = "ass"
    JSON = "json"
