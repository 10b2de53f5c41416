"""The season's pages: how each lecture stands, its files, another try."""
