"""What each rule is called, what it looks at and what mends a miss, for a lecturer who knows nothing of codecs."""

from dataclasses import dataclass

from pipeline.texts import N_

_CONVERT = N_("Convert the original recording with Weike: the file it writes has this form.")


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule in words; the fields are gettext sources."""

    title: str
    """Its name, a few words."""
    meaning: str
    """What it looks at, one sentence."""
    remedy: str
    """What a person does when it is missed, one sentence."""


RULE_TEXTS: dict[str, RuleText] = {
    "duration.range": RuleText(
        N_("Length"),
        N_("How long the lecture lasts from its first picture to its last."),
        N_("Shorten the lecture or add to it, then convert it again; Weike never cuts content by itself."),
    ),
    "size.cap": RuleText(
        N_("File size"),
        N_("How many bytes the file takes; 1 G is read as 1,000,000,000 bytes."),
        N_("Convert the original recording with Weike: its files stay under the limit."),
    ),
    "container.mp4": RuleText(
        N_("File format"),
        N_("The file really is an MP4; its content counts, not the ending of its name."),
        _CONVERT,
    ),
    "video.codec": RuleText(
        N_("Picture coding"),
        N_("The picture is coded as H.264, which every player and platform opens."),
        _CONVERT,
    ),
    "video.raster": RuleText(
        N_("Resolution"),
        N_("How many pixels the picture is wide and high."),
        _CONVERT,
    ),
    "video.geometry": RuleText(
        N_("Picture shape"),
        N_("Pixels are square and the picture is not turned, so that people look the same in every player."),
        _CONVERT,
    ),
    "video.bars": RuleText(
        N_("Black bars"),
        N_("The picture fills the frame, without black strips at its edges."),
        N_("Record in 16:9 next time, or set the projector and the recorder to the same shape."),
    ),
    "video.frame_rate": RuleText(
        N_("Frame rate"),
        N_("How many pictures are shown a second, and whether they come evenly."),
        _CONVERT,
    ),
    "video.structure": RuleText(
        N_("Playback structure"),
        N_("The file starts at once on a web page, can be wound quickly, and plays on ordinary equipment."),
        _CONVERT,
    ),
    "video.edit_list": RuleText(
        N_("Common start"),
        N_("Picture and sound begin together."),
        _CONVERT,
    ),
    "video.colour": RuleText(
        N_("Colour"),
        N_("Colours carry the marks of high-definition television, so that they do not look pale or glaring."),
        _CONVERT,
    ),
    "audio.format": RuleText(
        N_("Sound coding"),
        N_("The sound is AAC, 48 kHz, stereo, at a sufficient bit rate."),
        _CONVERT,
    ),
    "audio.loudness": RuleText(
        N_("Loudness"),
        N_("How loud the lecture is as a whole, and whether its peaks stay free of distortion."),
        N_("Convert the original recording with Weike: it sets the loudness. If it stays off, check the microphone."),
    ),
    "audio.clipping": RuleText(
        N_("Sound faults"),
        N_("Distorted peaks, a dead channel, or channels that cancel each other."),
        N_("Listen at the places named; distortion in the recording cannot be taken away, only recorded anew."),
    ),
    "av.sync": RuleText(
        N_("Lip synchrony"),
        N_("Picture and sound run and end together."),
        N_(
            "Compare lips and voice at the beginning and the end; if they differ, convert the original recording again."
        ),
    ),
    "picture.black": RuleText(
        N_("Black picture"),
        N_("Stretches in which the picture is black."),
        N_("Look at the places named and decide whether they are meant."),
    ),
    "picture.freeze": RuleText(
        N_("Still picture"),
        N_("Long stretches in which nothing moves; slides may stand still."),
        N_("Look at the places named: a slide is fine, a frozen camera is not."),
    ),
    "sound.silence": RuleText(
        N_("Silence"),
        N_("Stretches without any sound."),
        N_("Listen at the places named and decide whether they are meant."),
    ),
    "picture.flash": RuleText(
        N_("Flashes"),
        N_("Quick flashes can harm viewers with photosensitive epilepsy."),
        N_("Cut or darken the flashing stretch before converting."),
    ),
    "subtitle.burned": RuleText(
        N_("Subtitles in the picture"),
        N_("Frames were taken at the times of sampled subtitles, and the text in the picture was read back."),
        N_("Compare the pictures below with the text; if subtitles are missing, convert the recording again."),
    ),
    "subtitle.sidecar": RuleText(
        N_("Subtitle file"),
        N_("An SRT file lies beside the video: UTF-8, in order, without overlaps, with the same text as the picture."),
        N_("Deliver the .srt file that Weike wrote together with the video, unchanged."),
    ),
    "subtitle.script": RuleText(
        N_("Standard characters"),
        N_("Subtitles use standard simplified Chinese characters and no stray symbols."),
        N_("Correct the characters named in the .srt file, then burn the subtitles again."),
    ),
    "subtitle.coverage": RuleText(
        N_("Subtitle coverage"),
        N_("How much of the speaking time has a subtitle."),
        N_("Listen at the places named and add what is missing to the .srt file, then burn the subtitles again."),
    ),
    "subtitle.layout": RuleText(
        N_("Subtitle layout"),
        N_("Length of lines, time on the screen, gaps and reading speed."),
        N_("Shorten or split the subtitles at the places named in the .srt file, then burn them again."),
    ),
    "subtitle.terms": RuleText(
        N_("Terms"),
        N_("Protected terms are written right; what sounds like one and is written otherwise is listed."),
        N_("Compare the places named with the sound; correct the .srt file where the term is meant."),
    ),
    "title.card": RuleText(
        N_("Opening"),
        N_("The first seconds were read: they name the registered title, speakers and unit, and are soon over."),
        N_("Convert the recording again with --card and the registered title, speaker and unit."),
    ),
    "register.complete": RuleText(
        N_("Registration"),
        N_("Title, speaker and planned delivery are registered, and both are within the notice's deadlines."),
        N_("Fill in the row of the register; if a deadline has passed, ask the receiver."),
    ),
    "register.name": RuleText(
        N_("Named by theme"),
        N_("The delivered files are called after what they are about, not as a camera or a phone called them."),
        N_("Give the lecture a title or a file name in the register, or rename the recording, then convert it again."),
    ),
}


def rule_text(rule: str) -> RuleText:
    """Return the words for ``rule``; a rule nobody described goes by its id."""
    return RULE_TEXTS.get(rule) or RuleText(rule, "", "")
