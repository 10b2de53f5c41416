"""The stages of a lecture, each ``(records, settings, store, emit) -> record``."""
