"""The command line: parse, call, print. Nothing heavy is imported before a command needs it."""

import signal

import typer

from pipeline.cli import cache, cluster, examine, lectures, package, season, serving
from pipeline.texts import _

app = typer.Typer(
    name="weike",
    help=_("Turns a raw recording into a lecture that a university accepts."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would double the start-up time
)
app.command(help=_("Convert a raw recording: subtitles, 1080p MP4, compliance report."))(lectures.convert)
app.command(help=_("Convert every recording of a folder or register; no failure stops the others."))(season.batch)
app.command(help=_("Convert every recording that is put into a folder, until Ctrl-C."))(season.watch)
app.add_typer(cluster.cluster, name="cluster")
app.add_typer(season.register, name="register")
app.command(help=_("Write the subtitles of a recording alone: SRT, WebVTT, ASS, JSON with words."))(lectures.subtitle)
app.command(help=_("Burn a person's subtitle file into a recording, as it was written."))(lectures.burn)
app.command(help=_("Check a finished video against a preset; nothing is changed."))(examine.check)
app.command(help=_("Serve pages on which a lecturer hands in a recording and takes the lecture away."))(serving.serve)
app.command(help=_("Check what a unit delivers under a notice, list it, and pack it into a ZIP."))(package.package)
app.command(help=_("Show the presets, or everything one of them asks."))(examine.presets)
app.command(help=_("Show what the cache folder holds; verify or prune it."))(cache.cache)
app.command(help=_("Tell what this machine has, what is missing, and the command that mends it."))(examine.doctor)


def main() -> None:
    """Run the command line; the console script ``weike``."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app()
