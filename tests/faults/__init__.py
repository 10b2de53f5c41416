"""Faults: kills, full and vanishing disks, races and damaged files, at every point where they can strike."""
