"""Make a raw lecture from its description: slides, a synthetic voice, a quiet sound track, true cue times.

    python samples/make_lecture.py samples/raw-lecture.toml --font NotoSansSC_400Regular.ttf

writes raw-lecture.mp4, raw-lecture.txt (the lecture script) and raw-lecture.srt (the true times of every sentence)
beside the description. Needs libespeak-ng 1.51, Pillow and numpy; the font may also come from WEIKE_FONT, ffmpeg from
WEIKE_FFMPEG or from the package imageio-ffmpeg. The recording is raw on purpose: 1280x720, mono, about -32 LUFS, moov
at the end.
"""

import argparse
import functools
import json
import math
import os
import random
import re
import subprocess  # noqa: TID251
import sys
import tempfile
import tomllib
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parent / "demo-model" / "train"))
from espeak import RATE, Espeak

WIDTH, HEIGHT, FPS = 1280, 720, 25
FREE = 612  # nothing but the background below this line: room for burned subtitles
INSET = (1032, 372, 216, 224)  # the speaker: x, y, width, height (even numbers)
LOUDNESS = -32.0
NAVY, BLUE, PALE, INK, GREY, RED, GOLD, WHITE = (
    "#17365d",
    "#2f6db5",
    "#e8eff8",
    "#243042",
    "#7b8794",
    "#b3261e",
    "#d59a2b",
    "#ffffff",
)


@dataclass
class Sentence:
    """One spoken sentence with its true start and end in seconds."""

    slide: int
    text: str
    start: float
    end: float


def sentences(text: str) -> list[str]:
    """Split at sentence-ending marks, which stay with their sentence."""
    return re.findall(r"[^。？！]+[。？！]", text.strip())


def script(slide: dict) -> str:
    """The slide's paragraph in the lecture script: what is spoken, but for the departures in the description."""
    text = slide["text"].strip()
    for departure in slide.get("departure", ()):
        if departure["spoken"] not in text:
            raise SystemExit(f"not spoken: {departure['spoken']}")
        text = text.replace(departure["spoken"], departure["script"])
    return text


# -- sound -------------------------------------------------------------------------------------------------------------


def speak(slides: list[dict], seed: int) -> tuple[np.ndarray, list[Sentence], list[float]]:
    """Speak all slides in the plain voice.

    Returns:
        The sound at 22 050 Hz, the sentences with their true times, and the second at which every slide begins.
    """
    rng, engine = random.Random(seed), Espeak()
    engine.voice()
    pieces, cues, starts, t = [], [], [], 0.0

    def pause(seconds: float) -> None:
        nonlocal t
        pieces.append(np.zeros(round(seconds * RATE), np.float32))
        t += len(pieces[-1]) / RATE

    pause(0.8)
    for k, slide in enumerate(slides):
        starts.append(max(0.0, t - 0.4) if k else 0.0)
        for text in sentences(slide["text"]):
            sound, spans = engine.say(re.sub("[《》]", "", text))
            sound = sound[: int((spans[-1][1] + 0.05) * RATE)]
            cues.append(Sentence(k, text, t + spans[0][0], t + spans[-1][1]))
            pieces.append(sound)
            t += len(sound) / RATE
            pause(rng.uniform(0.3, 0.5))  # espeak's own silence around a sentence adds about 0.05 s
        pause(rng.uniform(0.4, 0.6))
    pause(1.2)
    return np.concatenate(pieces), cues, starts


def room_tone(n: int, rng: np.random.Generator) -> np.ndarray:
    """Faint low-passed noise of a lecture room, unit power."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    spectrum /= np.sqrt(1 + (np.arange(len(spectrum)) * RATE / n / 300) ** 2)
    tone = np.fft.irfft(spectrum, n)
    return (tone / tone.std()).astype(np.float32)


def write_wav(path: Path, sound: np.ndarray) -> None:
    """16-bit mono WAV."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def loudness(ffmpeg: str, path: Path) -> float:
    """Integrated loudness in LUFS, by ffmpeg's loudnorm."""
    measure = ["-af", "loudnorm=print_format=json", "-f", "null", "-"]
    command = [ffmpeg, "-hide_banner", "-nostats", "-i", str(path), *measure]
    log = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(json.JSONDecoder().raw_decode(log[log.rindex("{") :])[0]["input_i"])


# -- picture -----------------------------------------------------------------------------------------------------------


class Painter:
    """Draws the slides of one lecture."""

    def __init__(self, lecture: dict, font: str, bold: str | None):
        self.lecture, self.path, self.bold_path = lecture, font, bold or font
        self.fake_bold = bold is None
        self.fonts: dict[tuple[int, bool], ImageFont.FreeTypeFont] = {}

    def font(self, size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
        if (size, bold) not in self.fonts:
            self.fonts[size, bold] = ImageFont.truetype(self.bold_path if bold else self.path, size)
        return self.fonts[size, bold]

    def text(
        self, d: ImageDraw.ImageDraw, xy: tuple, text: str, size: int, fill: str, bold: bool = False, anchor: str = "lm"
    ) -> None:
        stroke = int(bold and self.fake_bold)
        d.text(xy, text, font=self.font(size, bold), fill=fill, anchor=anchor, stroke_width=stroke)

    def background(self, dark: bool = False) -> Image.Image:
        top, bottom = ((21, 48, 84), (37, 84, 138)) if dark else ((252, 253, 255), (236, 242, 249))
        ramp = np.linspace(0, 1, HEIGHT)[:, None, None]
        rows = (np.array(top) * (1 - ramp) + np.array(bottom) * ramp).round().astype(np.uint8)
        return Image.fromarray(np.broadcast_to(rows, (HEIGHT, WIDTH, 3)).copy())

    def slide(self, k: int, shown: int) -> Image.Image:
        """Slide ``k`` with its first ``shown`` points."""
        slide = self.lecture["slide"][k]
        layout = slide.get("layout", "points")
        dark = layout in ("cover", "section")
        image = self.background(dark)
        d = ImageDraw.Draw(image)
        self.header(d, k, dark)
        points = slide["points"]
        if layout == "cover":
            self.cover(d, points, shown)
        elif layout == "section":
            d.rectangle((96, 170, 104, 268), fill=GOLD)
            self.text(d, (136, 219), slide["title"], 56, WHITE, True)
            self.bullets(d, points, shown, 340, "#d9e6f6", GOLD)
        else:
            self.text(d, (72, 128), slide["title"], 46, NAVY, True)
            d.rectangle((72, 166, 72 + 46 * len(slide["title"]), 171), fill=RED if layout == "story" else BLUE)
            draw = {"cards": self.cards, "timeline": self.timeline, "story": self.story}.get(layout)
            if draw:
                draw(d, points, shown)
            else:
                self.bullets(d, points, shown, 248, INK, BLUE)
        return image

    def header(self, d: ImageDraw.ImageDraw, k: int, dark: bool) -> None:
        colour = "#a9c1de" if dark else GREY
        self.text(d, (72, 46), f"{self.lecture['unit']}　·　{self.lecture['title']}", 20, colour)
        self.text(d, (1208, 46), f"{k + 1} / {len(self.lecture['slide'])}", 20, colour, anchor="rm")
        d.line((72, 72, 1208, 72), fill="#3f6ba1" if dark else "#cfdae8", width=2)

    def cover(self, d: ImageDraw.ImageDraw, points: list[str], shown: int) -> None:
        self.text(d, (96, 196), self.lecture["title"], 66, WHITE, True)
        d.rectangle((96, 252, 296, 258), fill=GOLD)
        self.text(d, (96, 306), f"主讲人　{self.lecture['speaker']}", 30, "#d9e6f6")
        self.text(d, (96, 352), self.lecture["unit"], 30, "#d9e6f6")
        for i, point in enumerate(points[:shown]):
            self.text(d, (96, 436 + 56 * i), f"{'一二三四五'[i]}　{point}", 32, WHITE)

    def bullets(self, d: ImageDraw.ImageDraw, points: list[str], shown: int, y: int, ink: str, mark: str) -> None:
        step = 86 if len(points) < 4 else 78
        for i, point in enumerate(points[:shown]):
            at = y + i * step
            d.ellipse((100, at - 9, 118, at + 9), fill=mark)
            self.text(d, (146, at), point, 36, ink)

    def cards(self, d: ImageDraw.ImageDraw, points: list[str], shown: int) -> None:
        for i, point in enumerate(points[:shown]):
            y = 216 + i * 124
            d.rounded_rectangle((72, y, 984, y + 100), 16, fill=WHITE, outline="#bfd0e4", width=2)
            d.rounded_rectangle((72, y, 148, y + 100), 16, fill=BLUE)
            d.rectangle((130, y, 148, y + 100), fill=BLUE)
            self.text(d, (110, y + 50), "一二三四五"[i], 38, WHITE, True, "mm")
            self.text(d, (184, y + 50), point, 34, INK)

    def timeline(self, d: ImageDraw.ImageDraw, points: list[str], shown: int) -> None:
        d.line((122, 220, 122, 580), fill="#bfd0e4", width=6)
        for i, point in enumerate(points[:shown]):
            y = 240 + i * 104
            year, event = point.split("：")
            d.ellipse((106, y - 16, 138, y + 16), fill=WHITE, outline=RED, width=6)
            self.text(d, (176, y), year, 32, RED, True)
            self.text(d, (430, y), event, 36, INK)

    def story(self, d: ImageDraw.ImageDraw, points: list[str], shown: int) -> None:
        d.rounded_rectangle((72, 206, 984, 590), 20, fill="#fff8ec", outline="#ecd6ac", width=2)
        for i, point in enumerate(points[:shown]):
            y = 270 + i * 112
            d.polygon([(112, y - 14), (112, y + 14), (136, y)], fill=GOLD)
            self.text(d, (166, y), point, 36, INK)

    def speaker(self, mouth: float, sway: float, blink: bool) -> Image.Image:
        """The speaker inset: a drawn lecturer whose mouth follows the voice."""
        s = 3
        image = Image.new("RGB", (INSET[2] * s, INSET[3] * s), "#dfe9f5")
        d = ImageDraw.Draw(image)
        box = lambda x, y, rx, ry: ((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s)  # noqa: E731
        d.rectangle((0, 0, INSET[2] * s, 70 * s), fill="#cddcee")
        x = 108 + sway * 3
        d.ellipse(box(x, 236, 84, 78), fill=NAVY)
        d.polygon([((x - 20) * s, 160 * s), ((x + 20) * s, 160 * s), (x * s, 206 * s)], fill=WHITE)
        tie = ((-6, 166), (6, 166), (4, 206), (-4, 206))
        d.polygon([((x + dx) * s, y * s) for dx, y in tie], fill=RED)
        d.rectangle(((x - 14) * s, 130 * s, (x + 14) * s, 166 * s), fill="#eec39f")
        d.ellipse(box(x, 96, 50, 56), fill="#2b2320")
        d.ellipse(box(x, 104, 42, 50), fill="#f4d0ae")
        d.chord(box(x, 78, 44, 32), 180, 360, fill="#2b2320")
        for side in (-17, 17):
            if blink:
                d.line(((x + side - 6) * s, 104 * s, (x + side + 6) * s, 104 * s), fill=INK, width=2 * s)
            else:
                d.ellipse(box(x + side, 104, 4, 5), fill=INK)
            d.ellipse(box(x + side, 104, 13, 11), outline="#56616f", width=2 * s)
        d.line(((x - 4) * s, 103 * s, (x + 4) * s, 103 * s), fill="#56616f", width=2 * s)
        d.ellipse(box(x, 133, 11 - 2 * mouth, 1.5 + 7 * mouth), fill="#a04038")
        image = image.resize((INSET[2], INSET[3]), Image.LANCZOS)
        ImageDraw.Draw(image).rectangle((0, 0, INSET[2] - 1, INSET[3] - 1), outline="#9db4cf", width=3)
        return image


def to_yuv(image: Image.Image) -> list[np.ndarray]:
    """BT.709 limited-range planes, 4:2:0."""
    rgb = np.asarray(image, np.float32)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    small = lambda p: p.reshape(p.shape[0] // 2, 2, p.shape[1] // 2, 2).mean((1, 3))  # noqa: E731
    planes = (16 + y * 219 / 255, 128 + small((b - y) / 1.8556) * 224 / 255, 128 + small((r - y) / 1.5748) * 224 / 255)
    return [np.clip(p.round(), 0, 255).astype(np.uint8) for p in planes]


def levels(sound: np.ndarray, frames: int) -> np.ndarray:
    """How far the mouth opens in every frame, 0 to 4."""
    pieces = (sound[int(k * RATE / FPS) : int((k + 1) * RATE / FPS)] for k in range(frames))
    power = np.array([float(np.sqrt(np.mean(np.square(piece)))) if len(piece) else 0.0 for piece in pieces])
    return np.clip(np.round(4 * power / np.quantile(power, 0.97)), 0, 4).astype(int)


def frames(painter: Painter, starts: list[float], cues: list[Sentence], mouth: np.ndarray):
    """Yield every frame as bytes: slides with points appearing, short cross-fades, progress bar, speaker."""
    count = len(mouth)
    states: list[tuple[int, int, int]] = []  # first frame, slide, points shown
    for k, start in enumerate(starts):
        end = starts[k + 1] if k + 1 < len(starts) else count / FPS
        points = len(painter.lecture["slide"][k]["points"])
        states.append((round(start * FPS), k, 0))
        spoken = [c.start for c in cues if c.slide == k]
        for i in range(points):  # a point appears with the sentence nearest its share of the slide
            wish = start + 1.5 + (end - start) * 0.8 * i / points
            states.append((round(min(spoken, key=lambda s: abs(s - wish)) * FPS), k, i + 1))
    states.sort(key=lambda s: (s[1], s[2]))
    inset = functools.lru_cache(maxsize=256)(lambda m, sway, blink: to_yuv(painter.speaker(m / 4, sway / 4, blink)))
    x, y, w, h = INSET
    current, previous, since, at = None, None, 0, -1
    for n in range(count):
        while at + 1 < len(states) and states[at + 1][0] <= n:
            at += 1
            previous, current, since = current, to_yuv(painter.slide(*states[at][1:])), n
        mix = min(1.0, (n - since + 1) / 10) if previous else 1.0
        if mix < 1:
            pairs = zip(previous, current, strict=True)
            planes = [(p * (1 - mix) + c * mix).round().astype(np.uint8) for p, c in pairs]
        else:
            planes = [p.copy() for p in current]
        done = 2 * round(WIDTH / 2 * (n + 1) / count)
        for plane, bar in zip(planes, (110, 150, 112), strict=True):
            half = 1 if plane.shape[1] == WIDTH else 2
            plane[: 6 // half, : done // half] = bar
        person = inset(int(mouth[n]), round(4 * math.sin(n / FPS * 0.9)), n % 97 < 4)
        for plane, patch in zip(planes, person, strict=True):
            half = 1 if plane.shape[1] == WIDTH else 2
            plane[y // half : (y + h) // half, x // half : (x + w) // half] = patch
        yield b"".join(p.tobytes() for p in planes)


# -- files -------------------------------------------------------------------------------------------------------------


def stamp(t: float) -> str:
    """SRT time code."""
    ms = round(t * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


def find_ffmpeg(given: str | None) -> str:
    """The ffmpeg named by option or environment, else imageio-ffmpeg's."""
    if given or os.environ.get("WEIKE_FFMPEG"):
        return given or os.environ["WEIKE_FFMPEG"]
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_exe()


def main() -> None:
    """Make the recording, the script and the true cue times."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("description", type=Path, help="TOML: title, speaker, unit, slides")
    ap.add_argument("--font", default=os.environ.get("WEIKE_FONT"), help="a Noto Sans SC TTF (or WEIKE_FONT)")
    ap.add_argument("--bold-font", help="its bold weight; drawn from the regular one when left out")
    ap.add_argument("--ffmpeg", help="ffmpeg binary (or WEIKE_FFMPEG)")
    ap.add_argument("--crf", type=int, default=30)
    ap.add_argument("--preview", type=Path, help="only write the finished slides as PNG into this folder")
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    if not a.font:
        ap.error("--font or WEIKE_FONT is needed")
    lecture = tomllib.loads(a.description.read_text("utf-8"))
    slides = lecture["slide"]
    painter = Painter(lecture, a.font, a.bold_font)
    if a.preview:
        a.preview.mkdir(parents=True, exist_ok=True)
        for k, slide in enumerate(slides):
            image = painter.slide(k, len(slide["points"]))
            image.paste(painter.speaker(0.5, 0, False), INSET[:2])
            image.save(a.preview / f"{k + 1:02}.png")
        return
    ffmpeg = find_ffmpeg(a.ffmpeg)
    sound, cues, starts = speak(slides, a.seed)
    count = math.ceil(len(sound) / RATE * FPS)
    mouth = levels(sound, count)
    out = a.description.with_suffix(".mp4")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "sound.wav"
        tone = room_tone(len(sound), np.random.default_rng(a.seed))
        sound = sound * 0.5 + tone * (np.sqrt(np.mean(np.square(sound))) * 0.5 * 10 ** (-42 / 20))
        write_wav(wav, sound)
        sound = sound * 10 ** ((LOUDNESS - loudness(ffmpeg, wav)) / 20)
        write_wav(wav, sound)
        command = [
            ffmpeg,
            "-hide_banner",
            "-loglevel",
            "error",
            "-y",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "yuv420p",
            "-s",
            f"{WIDTH}x{HEIGHT}",
            "-r",
            str(FPS),
            "-i",
            "-",
            "-i",
            str(wav),
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            str(a.crf),
            "-g",
            "500",
            "-x264-params",
            "keyint=500:scenecut=0",
            "-color_range",
            "tv",
            "-colorspace",
            "bt709",
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
            "-c:a",
            "aac",
            "-ac",
            "1",
            "-ar",
            "44100",
            "-b:a",
            "48k",
            "-fflags",
            "+bitexact",
            "-map_metadata",
            "-1",
            str(out),
        ]
        encoder = subprocess.Popen(command, stdin=subprocess.PIPE)
        for frame in frames(painter, starts, cues, mouth):
            encoder.stdin.write(frame)
        encoder.stdin.close()
        if encoder.wait():
            raise SystemExit("ffmpeg failed")
    out.with_suffix(".txt").write_text("\n\n".join(map(script, slides)) + "\n", "utf-8")
    out.with_suffix(".srt").write_text(
        "\n".join(f"{k}\n{stamp(c.start)} --> {stamp(c.end)}\n{c.text}\n" for k, c in enumerate(cues, 1)), "utf-8"
    )
    print(f"{out}: {count / FPS:.2f} s, {len(cues)} sentences, {out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
