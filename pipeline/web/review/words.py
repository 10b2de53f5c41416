"""What the reviewer's page says from its script, in the language in force."""

from pipeline.texts import N_, _

_WORDS = {
    "kept": N_("Everything is kept"),
    "keeping": N_("Keeping…"),
    "unkept": N_("Not kept yet: the server cannot be reached. It is tried again by itself."),
    "refused": N_("Not kept: {reason}"),
    "cue": N_("Subtitle {number}"),
    "text": N_("Text of the subtitle"),
    "start": N_("Begin"),
    "end": N_("End"),
    "accept": N_("Take “{suggestion}”"),
    "checked": N_("Looked at"),
    "uncheck": N_("Not looked at"),
    "check": N_("It is right"),
    "heard": N_("Heard"),
    "script": N_("Script"),
    "no_heard": N_("Nothing was recognised here."),
    "no_script": N_("The script has nothing here."),
    "same": N_("as it stands"),
    "empty": N_("A subtitle without text is not shown and not kept."),
    "left": N_("{count} of {total} subtitles to look at"),
    "none_left": N_("Nothing is left to look at."),
    "none_here": N_("No subtitle is shown here."),
    "found": N_("Found {count} times"),
    "replaced": N_("Replaced {count} times"),
    "preparing": N_("The picture is being prepared…"),
    "unprepared": N_("The picture could not be prepared. The subtitles can be corrected without it."),
    "burn_failed": N_("This could not be begun: {reason}"),
    "remarks": N_("Remarks: {count}"),
}
_KEYS = (
    ("Alt ↓ / Alt ↑", N_("Next subtitle, the one before")),
    ("Alt J", N_("Next subtitle to look at")),
    ("Alt K", N_("It is right, and on to the next to look at")),
    ("Alt P", N_("Play or stop")),
    ("Alt L", N_("Hear this subtitle")),
    ("Ctrl Enter", N_("Split at the cursor")),
    ("Alt M", N_("Merge with the next one")),
    ("Alt N", N_("Add one after it, or where the picture stands")),
    ("Alt Backspace", N_("Delete")),
    ("Alt 1 … Alt 9", N_("Take a suggestion")),
    ("Alt [ / Alt ]", N_("Begin or end it where the picture stands")),
    ("Alt , / Alt .", N_("Begin it a frame earlier or later; with Shift its end")),
    ("Ctrl Z / Ctrl Shift Z", N_("Undo, redo")),
    ("Alt R", N_("Search and replace")),
    ("Alt B", N_("Burn")),
    ("Alt H", N_("These keys")),
)
"""On a Mac, Command stands for Ctrl as well, and Option for Alt."""


def review_keys() -> list[tuple[str, str]]:
    """Return each key with what it does."""
    return [(keys, _(what)) for keys, what in _KEYS]


def review_words() -> dict[str, str]:
    """Return every sentence under its name."""
    return {name: _(text) for name, text in _WORDS.items()}
