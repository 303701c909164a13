"""Two themes of our own: one accent, for what has just happened; all else is calm."""

from __future__ import annotations

from textual.theme import Theme

DEFAULT = "playground"

THEMES = (
    Theme(
        name=DEFAULT,
        primary="#7aa2d8",
        secondary="#8fb6c9",
        accent="#ffb454",
        warning="#e6c07b",
        error="#ff6b6b",
        success="#8cc98f",
        foreground="#e4e6ea",
        background="#14171c",
        surface="#1b1f26",
        panel="#262b34",
        dark=True,
    ),
    Theme(
        name="playground-light",
        primary="#2f5d9b",
        secondary="#3f7186",
        accent="#b04a00",
        warning="#8a6100",
        error="#b3261e",
        success="#23713a",
        foreground="#1c1f24",
        background="#fbfbf8",
        surface="#f1f1ec",
        panel="#e2e3dd",
        dark=False,
    ),
)
