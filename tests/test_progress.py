import io

from pipeline.events import Notice, StageAdvanced, StageFinished, StageStarted
from pipeline.progress import TerminalProgress
from pipeline.texts import Message


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def play(stream: io.StringIO) -> str:
    with TerminalProgress(stream) as listen:
        listen(StageStarted("render", 100.0))
        listen(StageAdvanced("render", 40))
        listen(Notice("render", Message("held the last frame")))
        listen(StageAdvanced("render", 140))
        listen(StageFinished("render"))
        listen(StageStarted("report"))
        listen(StageFinished("report", reused=True))
    return stream.getvalue()


def test_a_terminal_sees_a_bar_and_notices() -> None:
    shown = play(Terminal())
    assert "Encode the picture" in shown
    assert "100/100" in shown
    assert "140/" not in shown
    assert "held the last frame" in shown
    assert "(done before)" in shown


def test_quiet_when_not_a_terminal() -> None:
    assert play(io.StringIO()) == ""
