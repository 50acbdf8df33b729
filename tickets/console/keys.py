"""The console's keys, for the sheet that lists them. What they do is marked on the pages: `data-key` on what acts.

Single keys act outside of fields only, and can be switched off, as WCAG 2.1.4 asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_lowercase

Section = tuple[str, list[tuple[tuple[str, ...], str]]]

HOME, ALL_OPEN = "h", "a"
SECTIONS: list[Section] = [
    (
        "Everywhere",
        [
            (("Ctrl K",), "Search everything, and what can be done"),
            (("?",), "This sheet"),
            (("n",), "New ticket"),
            (("/",), "Search the queue"),
            (("Esc",), "Close what is open"),
        ],
    ),
    (
        "In a queue",
        [
            (("j", "k"), "Move down, up"),
            (("Enter", "o"), "Open"),
            (("x",), "Select"),
            (("a", "s", "p", "t", "u"), "Assign, status, priority, tag, macro: of the selected"),
            ((".",), "Copy the reference"),
        ],
    ),
    (
        "On a ticket",
        [
            (("r",), "Public reply"),
            (("c", "m"), "Internal note"),
            (("Ctrl Enter",), "Send"),
            (("a", "s", "p"), "Assignee, status, priority: then a digit or first letters"),
            (("t",), "Tags"),
            (("u",), "Use a macro: then its digit, Enter"),
            (("e",), "Solve"),
            (("z",), "Put aside: then a digit"),
            (("f",), "Follow, or no longer"),
            (("[", "]"), "The ticket before, after"),
            (("Alt ↑", "Alt ↓"), "Move a panel beside it, from its heading"),
            ((".",), "Copy the reference"),
        ],
    ),
]


def letters_for(names: Iterable[str], taken: Iterable[str] = (HOME, ALL_OPEN)) -> list[str]:
    """Return for each name the letter that goes to it after "g": its first one that is free; "" where none is."""
    used, letters = set(taken), []
    for name in names:
        wanted = [letter for letter in name.lower() if letter in ascii_lowercase]
        letter = next((one for one in [*wanted, *ascii_lowercase] if one not in used), "")
        used.add(letter)
        letters.append(letter)
    return letters
