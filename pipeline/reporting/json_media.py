"""Recordings, sound and picture in the JSON report."""

from pipeline.records import (
    AudioStream,
    CutOut,
    Delivery,
    Loudness,
    LowerThird,
    Quality,
    Recording,
    Soundtrack,
    VideoStream,
)
from pipeline.reporting.json_values import Data, fraction_of, messages, number_of, size_of, span_of, time_of
from pipeline.reporting.words import total_ms


def recording_of(recording: Recording) -> Data:
    """Return a file as its content says."""
    return {
        "name": recording.name,
        "sha256": recording.sha256,
        "size": size_of(recording.size_bytes),
        "container": recording.container,
        "duration": time_of(recording.duration_ms),
        "video": recording.video and _video(recording.video),
        "audio": recording.audio and _audio(recording.audio),
        "other_streams": list(recording.other_streams),
        "has_moov_first": recording.has_moov_first,
        "has_edit_list": recording.has_edit_list,
        "faults": messages(recording.faults),
    }


def _video(video: VideoStream) -> Data:
    return {
        "codec": video.codec,
        "profile": video.profile,
        "level": None if video.level is None else video.level / 10,
        "width": video.width,
        "height": video.height,
        "sar": f"{video.sar.numerator}:{video.sar.denominator}",
        "rotation": video.rotation,
        "pixel_format": video.pixel_format,
        "is_full_range": video.is_full_range,
        "primaries": video.primaries,
        "transfer": video.transfer,
        "matrix": video.matrix,
        "is_interlaced": video.is_interlaced,
        "frame_rate": fraction_of(video.frame_rate),
        "is_constant_rate": video.is_constant_rate,
        "frames": video.frame_count,
        "bit_rate_bps": video.bit_rate_bps,
        "keyframe_interval_max_s": number_of(
            None if video.keyframe_interval_max_s is None else float(video.keyframe_interval_max_s), 3
        ),
    }


def _audio(audio: AudioStream) -> Data:
    return {
        "codec": audio.codec,
        "sample_rate_hz": audio.sample_rate_hz,
        "channels": audio.channels,
        "channel_layout": audio.channel_layout,
        "bit_rate_bps": audio.bit_rate_bps,
        "language": audio.language,
    }


def loudness_of(loudness: Loudness) -> Data:
    """Return the loudness of a sound track."""
    return {
        "integrated_lufs": number_of(loudness.integrated_lufs),
        "range_lu": number_of(loudness.range_lu),
        "true_peak_dbtp": number_of(loudness.true_peak_dbtp),
        "short_term_lufs": [number_of(value, 1) for value in loudness.short_term_lufs],
    }


def soundtrack_of(soundtrack: Soundtrack) -> Data:
    """Return how the sound was made."""
    return {
        "has_sound": soundtrack.delivery is not None,
        "raw_loudness": soundtrack.raw and loudness_of(soundtrack.raw),
        "gain_db": number_of(soundtrack.gain_db),
        "speech_ms": total_ms(soundtrack.speech),
        "duration": time_of(soundtrack.duration_ms),
    }


def delivery_of(delivery: Delivery) -> Data:
    """Return how the picture was made."""
    return {
        "encoder": delivery.encoder,
        "frame_rate": fraction_of(delivery.grid.rate),
        "frames": delivery.grid.count,
        "segments": delivery.segments,
        "segments_encoded": delivery.segments_encoded,
        "repairs": messages(delivery.repairs),
        "lower_thirds": [_lower_third(third) for third in delivery.lower_thirds],
        "cuts": [_cut(cut) for cut in delivery.cuts],
        "quality": delivery.quality and _quality(delivery.quality),
    }


def _cut(cut: CutOut) -> Data:
    return {
        "source": cut.source,
        "from": time_of(cut.span.start_ms),
        "to": time_of(cut.span.end_ms),
        "at": time_of(cut.at_ms),
        "seconds": number_of(cut.span.duration_ms / 1000, 3),
    }


def _lower_third(third: LowerThird) -> Data:
    return {"speakers": list(third.speakers), "unit": third.unit, "span": span_of(third.span)}


def _quality(quality: Quality) -> Data:
    return {
        "pace": quality.pace,
        "metric": quality.metric,
        "mean": number_of(quality.mean, 4),
        "minimum": number_of(quality.minimum, 4),
        "bit_rate_bps": quality.bit_rate_bps,
        "reference": {
            "encoder": quality.reference,
            "mean": number_of(quality.reference_mean, 4),
            "minimum": number_of(quality.reference_minimum, 4),
            "bit_rate_bps": quality.reference_bit_rate_bps,
        },
        "is_reached": quality.is_reached,
        "stretches": [span_of(span) for span in quality.stretches],
    }
