"""What becomes of a mail, decided without the database."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass


class Step(enum.Enum):
    OPEN = "open a ticket"
    MESSAGE = "add a customer's message"
    REPLY = "add an agent's public reply"
    HOLD = "hold it for an agent"
    IGNORE = "do nothing"


@dataclass(frozen=True)
class Facts:
    """What is known of a mail.

    reference: of the ticket it belongs to, "" where it belongs to none.   has_own_token: it came to the signed address
    that was made for its sender.   is_onlooker: staff who see the ticket and may not work it.
    list_name: of the mailing list it came through.
    """

    sender: str
    reference: str = ""
    is_final: bool = False
    is_on_ticket: bool = False
    is_requester: bool = False
    is_agent: bool = False
    is_onlooker: bool = False
    has_own_token: bool = False
    is_failing: bool = False
    is_automatic: bool = False
    is_answer: bool = False
    list_name: str = ""


@dataclass(frozen=True)
class Decision:
    step: Step
    words: str = ""


def decide(facts: Facts) -> Decision:
    return _on_ticket(facts) if facts.reference else _on_nothing(facts)


def _on_nothing(facts: Facts) -> Decision:
    if facts.is_answer:
        return Decision(Step.IGNORE, "An automatic reply that belongs to no ticket.")
    if facts.list_name:
        return Decision(Step.HOLD, f"It came through a mailing list ({facts.list_name}).")
    return Decision(Step.OPEN)


def _on_ticket(facts: Facts) -> Decision:
    if facts.is_automatic and (facts.is_final or facts.is_agent or not facts.is_on_ticket):
        return Decision(Step.IGNORE, f"An automatic mail about {facts.reference} that tells nobody anything.")
    if not facts.is_on_ticket:
        return Decision(Step.HOLD, f"It is about {facts.reference}, and {facts.sender} is not on that ticket.")
    if facts.is_onlooker:
        return Decision(Step.HOLD, f"It is about {facts.reference}, which {facts.sender} may read but not work.")
    if facts.is_agent and not facts.is_requester:
        return _of_agent(facts)
    if facts.is_failing and not facts.has_own_token:
        words = f"It says it is from {facts.sender}; the checks of its sender speak against that."
        return Decision(Step.HOLD, words)
    return Decision(Step.MESSAGE)


def _of_agent(facts: Facts) -> Decision:
    if not facts.has_own_token:
        words = f"An agent's answer to {facts.reference} that did not come to the reply address of their own mail."
        return Decision(Step.HOLD, words)
    if facts.is_failing:
        words = f"It says it is from {facts.sender}, an agent; the checks of its sender speak against that."
        return Decision(Step.HOLD, words)
    return Decision(Step.REPLY)


def tagged_reference(subject: str, prefix: str) -> str:
    """Return the reference that a subject has in brackets, such as "ODG-1042"; "" where it has none."""
    match = re.search(rf"\[\s*({re.escape(prefix)}-[0-9]{{1,18}})\s*\]", subject, re.IGNORECASE)
    return match[1].upper() if match else ""


def bare_subject(subject: str) -> str:
    """Return a subject without what answering and passing on put in front of it."""
    return re.sub(
        r"^(?:\s*(?:re|aw|antw|sv|vs|fwd?|wg|tr|rv|r|i)\s*(?:\[\d+\])?\s*:)+\s*", "", subject, flags=re.IGNORECASE
    )


def base_address(address: str) -> tuple[str, str]:
    """Return an address without its plus part, and that part: support+billing@x is (support@x, billing)."""
    local, _, domain = address.partition("@")
    name, _, detail = local.partition("+")
    return f"{name}@{domain}", detail
