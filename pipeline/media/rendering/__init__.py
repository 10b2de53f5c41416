"""From a recording's picture and cues to the finished MP4."""
