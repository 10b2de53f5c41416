"""From recognised words to cues, and from cues to SRT and ASS."""
