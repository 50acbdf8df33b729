"""What the figures of both sides say, in plain words. Pure, and careful: a difference that may be chance is none."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.deflection.proportions import difference, needed
from tickets.deflection.sides import Side

FORMS_LEAST = 30  # on either side, below which nothing is said
WORTH_KNOWING = 0.10  # the difference that `needed` asks for
SPACE, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Verdict:
    """tone, glyph: as components have them.   limits: of the difference of both shares, with 95 % confidence."""

    tone: str
    glyph: str
    title: str
    text: str
    limits: tuple[float, float] = (-1.0, 1.0)
    difference: float | None = None


def verdict_of(offered: Side, held_out: Side, *, percent: int) -> Verdict:
    """Say whether offering articles spares tickets.   percent: of the people, how many are held out now."""
    if not held_out.fitting and not percent:
        return Verdict(
            "grey",
            "info",
            "Nothing to compare with",
            "Everybody is offered articles, so nobody can tell how many would have left without a ticket anyway. "
            "Set SUGGESTIONS_HOLD_OUT_PERCENT to hold some people out.",
        )
    low, high = limits = difference(offered.spared, offered.fitting, held_out.spared, held_out.fitting)
    apart = _apart(offered, held_out)
    if apart is None or min(offered.fitting, held_out.fitting) < FORMS_LEAST or low <= 0 <= high:
        return _unsure(offered, held_out, percent, limits, apart)
    near, far = sorted((abs(low), abs(high)))
    span = f"between {_of_hundred(near)} and {_of_hundred(far)} with 95{SPACE}% confidence"
    text = f"Of 100 people for whom an article fits, about {_of_hundred(abs(apart))}"
    if apart > 0:
        text = f"{text} fewer send a ticket when it is offered: {span}."
        return Verdict("green", "circle-check", "Offering articles spares tickets", text, limits, apart)
    text = f"{text} more send a ticket when it is offered: {span}. Read the articles that are shown and never solve it."
    return Verdict("amber", "triangle-alert", "Offering articles spares no tickets", text, limits, apart)


def _unsure(offered: Side, held_out: Side, percent: int, limits: tuple[float, float], apart: float | None) -> Verdict:
    few = min(offered.fitting, held_out.fitting)
    if few < FORMS_LEAST and not limits[0] <= 0 <= limits[1]:
        text = f"What there is points one way, but one side has only {few} of the {FORMS_LEAST} forms that it takes."
        return Verdict("grey", "hourglass", "We cannot tell yet", text, limits, apart)
    count = offered.fitting + held_out.fitting
    part = held_out.fitting / count if held_out.fitting and offered.fitting else percent / 100
    wanted = needed(held_out.share if held_out.share is not None else 0.5, part=part or 0.05, apart=WORTH_KNOWING)
    if count < wanted:
        text = (
            f"About {_rounded(wanted):,} forms are needed to see a difference of {_of_hundred(WORTH_KNOWING)} in 100; "
            f"{'there is' if count == 1 else 'there are'} {count:,}. Holding out more people takes fewer forms."
        )
        return Verdict("grey", "hourglass", "We cannot tell yet", text, limits, apart)
    text = (
        "What we see can be chance: the difference lies between "
        f"{points(limits[0])} and {points(limits[1])} points with 95{SPACE}% confidence."
    )
    return Verdict("grey", "equal", "We see no difference", text, limits, apart)


def points(value: float) -> str:
    """Tell a difference of shares in points: "+12.5", "−3", "0"."""
    rounded = round(100 * value, 1)
    words = f"{abs(rounded):.1f}".removesuffix(".0")
    return words if not rounded else f"{'+' if rounded > 0 else MINUS}{words}"


def _apart(offered: Side, held_out: Side) -> float | None:
    if offered.share is None or held_out.share is None:
        return None
    return offered.share - held_out.share


def _of_hundred(value: float) -> str:
    return f"{100 * value:.1f}".removesuffix(".0")


def _rounded(count: int) -> int:
    """Round up to two digits: what is needed is no more exact than that."""
    step = 10 ** max(0, len(str(count)) - 2)
    return -(-count // step) * step
