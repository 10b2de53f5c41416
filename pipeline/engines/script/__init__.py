"""讲稿: reading a lecture's script, and putting its text on the speech."""

from pipeline.engines.script.aligning import Alignment, align_script
from pipeline.engines.script.reading import Aside, AsideKind, Script, find_script, read_script

__all__ = ["Alignment", "Aside", "AsideKind", "Script", "align_script", "find_script", "read_script"]
