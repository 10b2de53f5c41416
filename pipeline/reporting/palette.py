"""The report's colours, in one place for HTML, charts and PDF.

Every ink may stand on every paper: contrast is at least 4.5:1. Source: WCAG 2.2, 1.4.3.
"""

INKS = {
    "ink": "#1b2330",
    "muted": "#515a69",
    "bad": "#a01d1d",
    "warn": "#7a4a00",
    "look": "#1f4b86",
    "good": "#14603f",
    "quiet": "#515a69",
    "accent": "#1f4b86",
}
"""Colours of text and icons; ``bad`` … ``quiet`` are the tones of findings."""

PAPERS = {
    "page": "#f5f4f0",
    "card": "#ffffff",
    "shade": "#f4f5f7",
    "bad-paper": "#fbecea",
    "warn-paper": "#fdf3df",
    "look-paper": "#e9f0fa",
    "good-paper": "#e8f4ed",
    "quiet-paper": "#f1f2f4",
}
"""Colours behind text."""

LINES = {
    "rule": "#dedbd2",
    "grid": "#e3e5ea",
    "bad-line": "#d9877f",
    "warn-line": "#d9a441",
    "look-line": "#86a8d6",
    "good-line": "#7fbf9c",
    "quiet-line": "#b9bfc9",
    "speech": "#8796ab",
    "cue": "#2b62ad",
}
"""Colours of rules, bars and areas; no text stands in them, and none of them carries meaning alone."""

COLOURS = {**INKS, **PAPERS, **LINES}
