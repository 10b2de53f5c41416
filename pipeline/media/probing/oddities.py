"""The oddities of a recording, named for a person: what was met, and what is done about it."""

from dataclasses import replace
from fractions import Fraction

from pipeline.media.probing.packets import Track
from pipeline.records import AudioStream, Recording, VideoStream
from pipeline.texts import N_, Message

HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
"""Transfer characteristics of high dynamic range. Source: ITU-R BT.2100."""
_GAP_MIN_S = Fraction(1, 2)
_END_MISSING = N_("The end of the file is missing or damaged; what can be read is used.")
_COVER = N_("The cover picture inside the file is left out.")
_MORE_PICTURES = N_("{count} further video track(s) are not used.")
_DAMAGED = N_("{count} damaged packets in the picture.")
_DEAD_SOUND = N_("A sound track cannot be decoded ({codec}).")
_MORE_SOUNDS = N_("There are {count} sound tracks; number {number} is used.")
_SUBTITLES = N_(
    "The recording brings {count} subtitle track(s), not used here; `weike burn RAW --subtitle-track N` burns one in."
)
TEXT_SUBTITLES = frozenset(
    {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text", "microdvd", "mpl2", "subviewer", "sami", "ttml"}
)
"""ffmpeg's codecs of subtitles whose text a person can read and correct."""
_OF_THE_FILE = frozenset({_SUBTITLES, _END_MISSING, _COVER, _MORE_PICTURES, _DAMAGED, _DEAD_SOUND, _MORE_SOUNDS})


def name_oddities(
    recording: Recording,
    tracks: dict[int, Track],
    undecodable_sound: tuple[str, ...],
    stopped: str,
    declared_bytes: int | None,
) -> Recording:
    """Return the recording with its faults named.

    Args:
        recording: all its other fields are filled.
        tracks: what the packet walk learnt, by stream number.
        undecodable_sound: codecs of sound tracks from which nothing came out.
        stopped: what ended the reading early, empty when nothing did.
        declared_bytes: size that the container's structure announces.
    """
    faults = [*_whole(recording, stopped, declared_bytes)]
    if recording.video is not None:
        faults += _picture(recording, recording.video, tracks[recording.video.index])
    faults += _sound(recording, tracks, undecodable_sound)
    return replace(recording, faults=tuple(faults))


def faults_of_the_file(recording: Recording) -> tuple[Message, ...]:
    """Return the faults that a working copy, of one picture and one sound track alone, no longer shows."""
    return tuple(fault for fault in recording.faults if fault.text in _OF_THE_FILE)


def _whole(recording: Recording, stopped: str, declared_bytes: int | None) -> list[Message]:
    faults = []
    if stopped or (declared_bytes is not None and recording.size_bytes < declared_bytes - 8):
        faults.append(Message(_END_MISSING))
    if recording.has_edit_list:
        faults.append(Message(N_("The file carries an edit list; it is followed.")))
    others = [text for text in recording.other_streams if text.startswith("video:")]
    covers = [text for text in others if text.endswith("(cover)")]
    if covers:
        faults.append(Message(_COVER))
    if len(others) > len(covers):
        values = {"count": str(len(others) - len(covers))}
        faults.append(Message(_MORE_PICTURES, values))
    subtitles = [text.removeprefix("subtitle:").partition(" ")[0] for text in recording.other_streams]
    if count := sum(codec in TEXT_SUBTITLES for codec in subtitles):
        faults.append(Message(_SUBTITLES, {"count": str(count)}))
    return faults


def _picture(recording: Recording, video: VideoStream, track: Track) -> list[Message]:
    faults = []
    late = video.start_s - recording.origin_s
    if late > 1 / video.frame_rate:
        faults.append(Message(N_("The picture starts {seconds} s after the sound."), {"seconds": f"{float(late):.2f}"}))
    if not track.pts:
        values = {"rate": f"{float(video.frame_rate):.5g}"}
        text = N_("The file does not say when its frames are shown; they are counted off at {rate} frames a second.")
        faults.append(Message(text, values))
    if not video.is_constant_rate:
        values = {"rate": f"{float(video.frame_rate):.2f}"}
        faults.append(Message(N_("The frame rate varies ({rate} frames a second on average)."), values))
    if video.rotation or video.is_mirrored:
        values = {"degrees": str(video.rotation)}
        text = N_("The picture is marked as turned by {degrees}° clockwise; it is set upright.")
        if video.is_mirrored:
            text = N_("The picture is marked as mirrored and turned by {degrees}° clockwise; it is set upright.")
        faults.append(Message(text, values))
    if video.transfer in HDR_TRANSFERS:
        values = {"transfer": video.transfer}
        faults.append(Message(N_("The picture is HDR ({transfer}); it is converted to standard range."), values))
    if video.is_interlaced:
        faults.append(Message(N_("The picture is interlaced; it is deinterlaced.")))
    if track.corrupt:
        faults.append(Message(_DAMAGED, {"count": str(track.corrupt)}))
    return faults


def _sound(recording: Recording, tracks: dict[int, Track], undecodable: tuple[str, ...]) -> list[Message]:
    audio, faults = recording.audio, []
    if undecodable:
        values = {"codec": ", ".join(dict.fromkeys(undecodable))}
        faults.append(Message(_DEAD_SOUND, values))
    if audio is None:
        return [*faults, Message(N_("The recording has no sound that can be used."))]
    others = [text for text in recording.other_streams if text.startswith("audio:")]
    if others:
        values = {"count": str(len(others) + 1), "number": str(recording.audio_track)}
        faults.append(Message(_MORE_SOUNDS, values))
    if recording.video is not None:
        faults += _sound_times(recording, audio, recording.video)
    gaps = tracks[audio.index].gaps
    if gaps:
        missing_s = float(sum(b - a for a, b in gaps) * tracks[audio.index].time_base)
        values = {"count": str(len(gaps)), "seconds": f"{missing_s:.1f}"}
        faults.append(Message(N_("The sound has {count} gap(s), {seconds} s in all; silence fills them."), values))
    return faults


def _sound_times(recording: Recording, audio: AudioStream, video: VideoStream) -> list[Message]:
    faults = []
    late = audio.start_s - recording.origin_s
    if late > 1 / video.frame_rate:
        faults.append(Message(N_("The sound starts {seconds} s after the picture."), {"seconds": f"{float(late):.2f}"}))
    short = video.end_s - audio.end_s
    if short > _GAP_MIN_S:
        faults.append(Message(N_("The sound ends {seconds} s before the picture."), {"seconds": f"{float(short):.1f}"}))
    if -short > _GAP_MIN_S:
        values = {"seconds": f"{float(-short):.1f}"}
        faults.append(Message(N_("The picture ends {seconds} s before the sound."), values))
    return faults
