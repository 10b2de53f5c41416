"""The command that serves pages: serve."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import options as given
from pipeline.cli.printing import reported
from pipeline.texts import _

ROOT = Path("weike-web")


@reported
def serve(
    host: Annotated[
        str, typer.Option("--host", help=_("Address to serve; others than this machine's own need --token."))
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help=_("Port to serve."), min=1, max=65535)] = 8760,
    root: Annotated[
        Path, typer.Option("--root", help=_("The folder that is served; nothing outside it is shown."))
    ] = ROOT,
    tokens: Annotated[
        list[str] | None,
        typer.Option(
            "--token",
            envvar="WEIKE_TOKENS",
            help=_("What a person logs in with, 16 characters at least; one for each person, as often as needed."),
            show_default=False,
        ),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help=_("A further name under which people call this machine."), show_default=False),
    ] = None,
    model: given.Model = None,
    engine: given.Engine = None,
    cache: given.Cache = None,
) -> None:
    """Serve pages on which a lecturer hands in a recording and takes the lecture away."""
    from pipeline.web.app import serve as serve_pages
    from pipeline.web.settings import ServeSettings

    people = (tuple(tokens or ()), tuple(names or ()))
    kept = cache and cache.absolute()
    settings = ServeSettings(root.absolute(), host, port, *people, kept, given.whole_path(model), engine)
    shown = f"[{host}]" if ":" in host else host
    typer.echo(_("Open http://{host}:{port}/ in a browser; Ctrl-C ends it.").format(host=shown, port=port))
    serve_pages(settings)
