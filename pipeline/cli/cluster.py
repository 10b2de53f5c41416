"""Commands for several workstations: the coordinator of a season, its workers, certificates, how the work stands."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import options as given
from pipeline.cli import season
from pipeline.cli.lectures import OUT
from pipeline.cli.options import preset_with
from pipeline.cli.printing import print_json, reported
from pipeline.texts import _

if TYPE_CHECKING:
    from pipeline.cluster.status import Status
    from pipeline.texts import Message

cluster = typer.Typer(help=_("Convert a season on several workstations."))
Certificates = Annotated[
    Path | None,
    typer.Option(
        "--certificates", help=_("Folder that `weike cluster certificate` made, for encryption."), show_default=False
    ),
]
QueueFolder = Annotated[
    Path | None,
    typer.Option(
        "--queue",
        help=_("Folder of the queue, on the coordinator's own disk (default: this person's state folder)."),
        show_default=False,
    ),
]
_LOCAL = "127.0.0.1:8786"


@cluster.command("coordinator", help=_("Give the lectures of a folder or register to workers until all are done."))
@reported
def coordinator(
    what: Annotated[
        Path,
        typer.Argument(metavar="FOLDER|REGISTER", help=_("A folder of recordings, or a register."), show_default=False),
    ],
    store: Annotated[
        Path, typer.Option("--store", help=_("Folder for work files that all workstations share."), show_default=False)
    ],
    out: given.Out = OUT,
    listen: Annotated[str, typer.Option("--listen", help=_("Address at which workers join."))] = _LOCAL,
    certificates: Certificates = None,
    queue: QueueFolder = None,
    preset: given.PresetName = None,
    no_script: given.NoScript = False,
    terms: given.Terms = None,
    speaker: given.Speaker = None,
    unit: given.Unit = None,
    model: given.Model = None,
    engine: given.Engine = None,
    audio_track: given.AudioTrack = None,
    sides: given.Sides = None,
    speed: given.Speed = None,
    trim: given.Trim = None,
    tighten: given.Tighten = None,
    card: given.Card = None,
    logo: given.Logo = None,
    cover: given.Cover = None,
    clean_master: given.CleanMaster = None,
    lower_third: given.LowerThird = None,
    retry_failed: season.RetryFailed = False,
    as_json: given.AsJson = False,
) -> None:
    """Coordinate a season."""
    from pipeline.batch import BatchOptions, exit_code_of, plan
    from pipeline.cluster.coordinator import Place, coordinate
    from pipeline.cluster.doors import address_of
    from pipeline.cluster.status import queue_of
    from pipeline.jobs import Edits
    from pipeline.progress import BatchProgress

    address = address_of(listen, certificates)
    rules = preset_with(preset, model=given.whole_path(model), engine=engine, sides=sides, speed=speed)
    edits = Edits(trim, tighten, card, logo, cover, clean_master, lower_third)
    whose = (speaker, unit, not no_script, terms, audio_track, edits)
    wanted = BatchOptions(out.absolute(), rules, *whose, what.absolute())
    tasks = plan(what, wanted)
    place = Place(store.absolute(), queue or queue_of(wanted.out), address, certificates)

    def listening() -> None:
        said = _("Workers can join now: weike cluster worker {address}").format(address=address)
        typer.echo(f"· {said}", err=True)

    with BatchProgress() as progress:
        heard = season.logging(progress)
        rows = coordinate(tasks, wanted, place, heard, listening, retry_failed=retry_failed)
    season.tell_season(rows, wanted, as_json=as_json)
    raise typer.Exit(exit_code_of(rows))


@cluster.command("worker", help=_("Work for a coordinator until Ctrl-C."))
@reported
def worker(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help=_("The coordinator's, such as tls://192.0.2.10:8786."))
    ] = _LOCAL,
    cpu: Annotated[int, typer.Option("--cpu", min=0, help=_("Steps at a time on the processor."))] = 1,
    gpu: Annotated[int, typer.Option("--gpu", min=0, help=_("Recognitions at a time, one on each GPU."))] = 0,
    encoders: Annotated[
        int, typer.Option("--encoders", min=0, help=_("Segments at a time on a hardware encoder."))
    ] = 0,
    name: Annotated[
        str, typer.Option("--name", help=_("Name of this workstation in the records."), show_default=False)
    ] = "",
    certificates: Certificates = None,
) -> None:
    """Work."""
    from pipeline.cluster.doors import address_of, security_for
    from pipeline.cluster.worker import Slots, work

    where = address_of(address, certificates)
    security_for(certificates)
    if not cpu + gpu + encoders:
        raise typer.BadParameter(_("A worker needs at least one slot: --cpu, --gpu or --encoders."))

    def say(message: "Message") -> None:
        typer.echo(f"· {message.show()}", err=True)

    work(where, certificates and certificates.absolute(), Slots(cpu, gpu, encoders), name, say)


@cluster.command("certificate", help=_("Make a certificate for coordinator and workers; copy the folder to each."))
@reported
def certificate(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Where it is written."), show_default=False)],
    days: Annotated[int, typer.Option("--days", min=1, help=_("For how many days it is valid."))] = 365,
) -> None:
    """Make certificates."""
    from pipeline.cluster.certificates import make_certificates

    for path in make_certificates(folder, days):
        typer.echo(f"  {path}")


@cluster.command("status", help=_("Show how the work of a season stands; on the coordinator's machine."))
@reported
def status(out: given.Out = OUT, queue: QueueFolder = None, as_json: given.AsJson = False) -> None:
    """Show how the work stands."""
    from pipeline.cluster.status import queue_of, status_of

    found = status_of(queue or queue_of(out))
    if as_json:
        print_json(asdict(found))
    else:
        _print_status(found)


def _print_status(found: "Status") -> None:
    from pipeline.cluster.status import KIND_NAMES

    line = _("{what}: {done} done, {leased} in work, {waiting} waiting, {aside} set aside")
    for kind, counts in found.kinds.items():
        numbers = {state: counts.get(state, 0) for state in ("done", "leased", "waiting", "aside")}
        typer.echo(line.format(what=_(KIND_NAMES[kind]), **numbers))
    for name, lecture in found.working:
        typer.echo(f"  {name}  {lecture}")
    for lecture, kind, reason in found.aside:
        typer.echo(f"! {lecture}  {_(KIND_NAMES[kind])}  [{reason}]")
