"""``weike cache``: what the cache folder holds, whether it is whole, and what may go."""

from typing import Annotated

import typer

from pipeline.cli.options import AsJson, Cache
from pipeline.cli.printing import print_json, reported
from pipeline.texts import _

_DAY_S = 24 * 3600
_GB = 1_000_000_000


@reported
def cache(
    verify: Annotated[
        bool, typer.Option("--verify", help=_("Compare every file with the sum noted when it was made."))
    ] = False,
    prune: Annotated[bool, typer.Option("--prune", help=_("Remove what was not used in the last day."))] = False,
    days: Annotated[
        float | None, typer.Option(help=_("With --prune: only what was not used for so many days."), min=0)
    ] = None,
    keep_gb: Annotated[
        float | None, typer.Option(help=_("With --prune: stop when no more than this is left, in GB."), min=0)
    ] = None,
    cache: Cache = None,
    as_json: AsJson = False,
) -> None:
    """List, verify or prune the cache folder."""
    from pipeline import housekeeping
    from pipeline.store import Store

    store = Store(cache)
    inspection = housekeeping.verify(store) if verify else None
    keep_bytes = None if keep_gb is None else int(keep_gb * _GB)
    gone = housekeeping.prune(store, unused_s=(days or 0) * _DAY_S, keep_bytes=keep_bytes) if prune else ()
    kinds = housekeeping.kinds(store)
    if as_json:
        print_json(
            {
                "folder": str(store.root),
                "kinds": [{"kind": kind.name, "files": kind.count, "bytes": kind.size_bytes} for kind in kinds],
                "damaged": [str(path) for path in inspection.damaged] if inspection else None,
                "pruned": [str(artefact.path) for artefact in gone],
            }
        )
        return
    typer.echo(f"{store.root}")
    for kind in kinds:
        typer.echo(f"  {kind.name:16} {kind.count:8}  {kind.size_bytes / _GB:8.3f} GB")
    if inspection is not None:
        counts = {"whole": inspection.whole, "damaged": len(inspection.damaged), "unknown": len(inspection.unknown)}
        typer.echo(_("{whole} whole, {damaged} damaged and removed, {unknown} without a sum.").format(**counts))
    if prune:
        freed = sum(artefact.size_bytes for artefact in gone) / _GB
        typer.echo(_("{count} files removed, {freed} GB.").format(count=len(gone), freed=f"{freed:.3f}"))
