"""What a lecture is made of, looked at and listened to: one recording, or parts, an opening card and cuts."""

from collections.abc import Sequence

from pipeline.events import Emit
from pipeline.jobs import LectureJob, Seen
from pipeline.records import Recording
from pipeline.stages.assemble import Wishes, assemble, common_rate
from pipeline.stages.probe import probe
from pipeline.stages.soundtrack import soundtrack
from pipeline.stages.titles import CardJob, opening_clip
from pipeline.store import Store
from pipeline.terms import Term
from pipeline.timing import delivery_grid


def look_and_listen(job: LectureJob, terms: Sequence[Term], store: Store, emit: Emit) -> Seen:
    """Return what the recordings are, the frames of the delivery, and its sound.

    Raises:
        InputError: a recording cannot be used.
        UsageError: a card is asked for, and nobody says what it should say.
        MissingToolError: it cannot be drawn here.
    """
    recordings = [probe(path, store, emit, job.audio_track) for path in (job.raw, *job.more)]
    first = recordings[0]
    wishes = _wishes(job, recordings, terms, store)
    if len(recordings) == 1 and wishes.is_plain:
        assert first.video is not None  # probe refuses what has no picture
        grid = delivery_grid(first.video.frame_rate, first.duration_s)
        return Seen(first, grid, soundtrack(first, grid, job.preset.sound, store, emit))
    made = assemble(recordings, wishes, job.preset.cuts, store, emit)
    grid = made.cuts.grid
    return Seen(first, grid, soundtrack(made.sound, grid, job.preset.sound, store, emit), made)


def card_job(job: LectureJob, terms: Sequence[Term]) -> CardJob:
    """Return what the lecture's opening card and cover show."""
    encoder = job.preset.encoder
    whole = tuple(term.text for term in terms)
    return CardJob(job.info, job.preset.titles, (encoder.width_px, encoder.height_px), job.edits.logo, whole)


def has_card(job: LectureJob) -> bool:
    """Tell whether the lecture gets an opening card: asked for, or by the preset where a title is registered."""
    return bool(job.preset.titles.card and job.info.title) if job.edits.card is None else job.edits.card


def has_cover(job: LectureJob) -> bool:
    """Tell so of a cover picture."""
    return bool(job.preset.titles.cover and job.info.title) if job.edits.cover is None else job.edits.cover


def has_lower_third(job: LectureJob) -> bool:
    """Tell so of panels that name who speaks."""
    asked = job.edits.lower_third
    return bool(job.preset.titles.lower_third and job.info.speaker) if asked is None else asked


def _wishes(job: LectureJob, recordings: Sequence[Recording], terms: Sequence[Term], store: Store) -> Wishes:
    cuts, edits = job.preset.cuts, job.edits
    trim = cuts.trim if edits.trim is None else edits.trim
    tighten = cuts.tighten if edits.tighten is None else edits.tighten
    card = opening_clip(card_job(job, terms), common_rate(recordings), store) if has_card(job) else None
    return Wishes(trim, job.preset.limits.duration_max_s if tighten else None, card)
