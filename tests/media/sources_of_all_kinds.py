"""Recordings of every kind of timing, as ffmpeg arguments: small, and every frame unlike the others."""

_SOUND = ["-f", "lavfi", "-i", "sine=duration=4:sample_rate=48000"]
_X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]


def _picture(rate: str, seconds: float = 4) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=size=192x108:rate={rate}:duration={seconds}"]


_B_FRAMES = ["-bf", "2", "-g", "36"]
_LECTURE_GAPS = "select='lt(n,40)+eq(mod(n,7),0)*lt(n,90)+gt(n,160)*lt(n,190)+gt(n,260)'"
"""A screen recording: full rate, slides that hold for a while, a gap of two seconds and a half."""

SOURCES: dict[str, list[str]] = {
    "constant.mp4": [*_picture("30"), *_SOUND, *_X264, *_B_FRAMES],
    "constant.mkv": [*_picture("30"), *_SOUND, *_X264, *_B_FRAMES],
    "variable.mp4": [*_picture("30", 9), "-vf", _LECTURE_GAPS, "-fps_mode", "vfr", *_X264, "-bf", "2", "-g", "20"],
    "variable.mkv": [*_picture("30", 9), "-vf", _LECTURE_GAPS, "-fps_mode", "vfr", *_X264, "-bf", "2", "-g", "20"],
    "late-picture.mp4": ["-itsoffset", "1.3", *_picture("30"), *_SOUND, "-fps_mode", "passthrough", *_X264,
                         *_B_FRAMES],
    "late-sound.mp4": [*_picture("30"), "-itsoffset", "0.7", *_SOUND, *_X264, *_B_FRAMES],
    "long-gop.mp4": [*_picture("30", 14), "-c:v", "libx264", "-bf", "3", "-g", "300", "-keyint_min", "300",
                     "-sc_threshold", "0"],
    "open-gop.mp4": [*_picture("30", 5), "-c:v", "libx264", "-x264-params",
                     "open-gop=1:keyint=48:min-keyint=48:scenecut=0:b-pyramid=normal:bframes=3"],
    "film.mp4": [*_picture("24000/1001"), *_SOUND, *_X264, *_B_FRAMES],
    "interlaced.mp4": [*_picture("50"), *_SOUND, "-vf", "tinterlace=interleave_top,setfield=tff", "-flags",
                       "+ilme+ildct", *_X264, *_B_FRAMES, "-x264-params", "tff=1"],
    "stream.ts": [*_picture("25"), *_SOUND, *_X264, *_B_FRAMES],
    "old.avi": [*_picture("25"), *_SOUND, "-c:v", "mpeg4", "-q:v", "3", "-c:a", "mp3"],
    "half-a-frame-late.mkv": ["-itsoffset", "0.0167", *_picture("30"), *_SOUND, *_X264, *_B_FRAMES],
    "short-picture.mp4": [*_picture("30", 2), *_SOUND, *_X264, *_B_FRAMES],
}  # fmt: skip
