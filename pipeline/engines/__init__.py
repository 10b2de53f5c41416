"""Speech engines: voice activity and recognition."""
