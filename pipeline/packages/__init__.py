"""What a unit delivers under a notice: gathered, checked, listed and packed."""
