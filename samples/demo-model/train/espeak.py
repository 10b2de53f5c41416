"""Thin ctypes wrapper of libespeak-ng: audio plus the exact time span of every character."""

import ctypes as C
import re

import numpy as np

RATE = 22050
# Debian's espeak-ng 1.51 voice "cmn" reads the dictionary's pinyin as *English* letters;
# "cmn-latn-pinyin" is the Mandarin voice that pronounces Chinese characters properly.
VOICE = "cmn-latn-pinyin"


class _Id(C.Union):
    _fields_ = [("number", C.c_int), ("name", C.c_char_p), ("string", C.c_char * 8)]


class _Event(C.Structure):
    _fields_ = [
        ("type", C.c_int),
        ("uid", C.c_uint),
        ("text_position", C.c_int),
        ("length", C.c_int),
        ("audio_position", C.c_int),
        ("sample", C.c_int),
        ("user_data", C.c_void_p),
        ("id", _Id),
    ]


_CALLBACK = C.CFUNCTYPE(C.c_int, C.POINTER(C.c_short), C.c_int, C.POINTER(_Event))


def _library() -> tuple[C.CDLL, bytes | None]:
    """The system's libespeak-ng, else the one inside the package espeakng-loader, with its data folder."""
    try:
        return C.CDLL("libespeak-ng.so.1"), None
    except OSError:
        import espeakng_loader

        return C.CDLL(espeakng_loader.get_library_path()), espeakng_loader.get_data_path().encode()


class Espeak:
    """One synchronous espeak-ng synthesiser."""

    def __init__(self):
        self.lib, data = _library()
        if self.lib.espeak_Initialize(2, 0, data, 1) != RATE:  # synchronous, with phoneme events
            raise RuntimeError("espeak-ng did not start")
        self.lib.espeak_TextToPhonemes.restype = C.c_char_p
        self.audio, self.events = [], []
        self._callback = _CALLBACK(self._collect)
        self.lib.espeak_SetSynthCallback(self._callback)

    def _collect(self, wav, n, events) -> int:
        if wav and n > 0:
            self.audio.append(np.ctypeslib.as_array(wav, (n,)).copy())
        i = 0
        while events[i].type:
            e = events[i]
            name = bytes(e.id.string).decode("ascii", "ignore") if e.type == 7 else ""
            self.events.append((e.type, e.text_position, e.length, e.sample, name))
            i += 1
        return 0

    def voice(self, variant: str = "", speed: int = 175, pitch: int = 50, pitch_range: int = 50) -> None:
        """Choose a variant of the Mandarin voice and its settings."""
        name = VOICE + (f"+{variant}" if variant else "")
        if self.lib.espeak_SetVoiceByName(name.encode()) != 0:
            raise ValueError(name)
        for parameter, value in ((1, speed), (3, pitch), (4, pitch_range)):
            self.lib.espeak_SetParameter(parameter, value, 0)

    def syllables(self, text: str) -> list[str]:
        """Tonal syllable of every character, as espeak's phoneme mnemonics."""
        keep = C.create_string_buffer(text.encode())
        pointer = C.cast(keep, C.c_void_p)
        out = []
        while pointer.value:
            out += self.lib.espeak_TextToPhonemes(C.byref(pointer), 1, 0).decode("ascii", "ignore").split()
        return [re.sub(r"['\",%=]|_\||_:|_", "", s) for s in out]

    def say(self, text: str) -> tuple[np.ndarray, list[tuple[float, float]]]:
        """float32 audio at 22 050 Hz and (start, end) seconds of every spoken character."""
        self.audio, self.events = [], []
        raw = text.encode()
        self.lib.espeak_Synth(raw, C.c_size_t(len(raw) + 1), 0, 1, 0, 1, None, None)
        self.lib.espeak_Synchronize()
        spans: list[list[float]] = []
        open_ = False
        for kind, _, length, sample, name in self.events:
            if kind == 1 and length > 0:
                spans.append([sample, sample])
                open_ = True
            elif kind == 7 and spans and open_:
                spans[-1][1] = sample
                if name.startswith("_"):
                    open_ = False
        audio = np.concatenate(self.audio).astype(np.float32) / 32768
        return audio, [(a / RATE, b / RATE) for a, b in spans]
