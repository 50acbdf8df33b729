"""Every report by its name: what the file of it, its table on a page and the API's answer hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tickets.models import Survey
from tickets.reporting import agents, counts
from tickets.reporting.lengths import Lengths, lengths
from tickets.reporting.promises import by_week
from tickets.reporting.shapes import Asked, Column, Report, Row
from tickets.satisfaction.reports import satisfaction
from tickets.satisfaction.vocabulary import FACES
from tickets.slots import Kept, KeptAsked, promises_kept
from tickets.vocabulary import OPEN_STATUSES, Priority, Status

RATINGS_MOST = 10_000


def read_report(report: Report, asked: Asked) -> list[Row]:
    return [tuple(row) for row in report.read(asked)]


def open_rows(found: counts.OpenTickets) -> list[Row]:
    return [
        (Priority(priority).label, *by_status.values(), sum(by_status.values()))
        for priority, by_status in found.by_priority.items()
    ]


def agent_rows(lines: Sequence[agents.AgentLine]) -> list[Row]:
    return [(one.name, one.open, one.critical, one.high, one.solved, one.replies, one.median_response) for one in lines]


def kept_rows(kept: Sequence[Kept]) -> list[Row]:
    return [(one.monday, one.tier_name, one.met, one.broken, one.rate) for one in by_week(kept)]


def response_rows(response: tuple[Lengths, Lengths], resolution: tuple[Lengths, Lengths]) -> list[Row]:
    """Return a row for each measure. Each comes as it is in the period, and as it was before."""
    return [
        (name, here.count, here.median, here.nine_of_ten, before.count, before.median, before.nine_of_ten)
        for name, (here, before) in (("First response", response), ("Resolution", resolution))
    ]


def rating_rows(distribution: Mapping[int, int]) -> list[Row]:
    return [(rating, FACES[rating].word, distribution[rating]) for rating in sorted(FACES, reverse=True)]


def _oldest(asked: Asked) -> list[Row]:
    return [
        (
            one.reference,
            one.subject,
            Priority(one.priority).label,
            Status(one.status).label,
            one.assignee,
            one.created_at,
            one.waiting_seconds,
        )
        for one in counts.oldest_unanswered(asked)
    ]


def _ratings(asked: Asked) -> list[Row]:
    rows = Survey.objects.rated().filter(
        rated_at__gte=asked.period.since, rated_at__lt=asked.period.until, ticket__in=asked.tickets
    )
    rows = rows.select_related("ticket", "assignee").order_by("-rated_at", "-pk")
    return [
        (one.rated_at, one.rating, one.comment, one.ticket.reference, one.assignee.name if one.assignee else "")
        for one in rows[:RATINGS_MOST]
    ]


REPORTS: dict[str, Report] = {
    report.name: report
    for report in (
        Report(
            "open-by-priority",
            "Open by priority",
            "What is open now. The period plays no part.",
            (
                Column("priority", "Priority", "text"),
                *(Column(status.value.lower(), status.label) for status in OPEN_STATUSES),
                Column("open_tickets", "All"),
            ),
            lambda asked: open_rows(counts.open_tickets(asked)),
        ),
        Report(
            "created-and-solved",
            "Created and solved per day",
            "Tickets by the day on which they were opened, and by that on which they were solved for good.",
            (Column("day", "Day", "day"), Column("created", "Created"), Column("solved", "Solved")),
            counts.per_day,
        ),
        Report(
            "backlog-age",
            "Age of what is open",
            "Open tickets by the time since they were opened. The period plays no part.",
            (Column("age", "Age", "text"), Column("open_tickets", "Open")),
            lambda asked: counts.open_tickets(asked).by_age,
        ),
        Report(
            "response-times",
            "Response and resolution times",
            "From opening to the first answer and to the solution, where that fell into the period; around the clock.",
            (
                Column("measure", "Measure", "text"),
                Column("count", "Tickets"),
                Column("median_seconds", "Median", "seconds"),
                Column("p90_seconds", "9 in 10 within", "seconds"),
                Column("count_before", "Tickets before"),
                Column("median_seconds_before", "Median before", "seconds"),
                Column("p90_seconds_before", "9 in 10 before", "seconds"),
            ),
            lambda asked: response_rows(lengths(asked, "first_response_at"), lengths(asked, "solved_at")),
        ),
        Report(
            "promises-kept",
            "Promises kept, by week and tier",
            "Promises by the week in which their verdict fell, and the customer's tier. Open ones are in neither.",
            (
                Column("week", "Week from", "day"),
                Column("tier", "Tier", "text"),
                Column("met", "Met"),
                Column("broken", "Broken"),
                Column("rate_percent", "Kept", "percent"),
            ),
            lambda asked: kept_rows(promises_kept(KeptAsked(asked.period.since, asked.period.until))),
            permission="sla.view_clock",
        ),
        Report(
            "satisfaction",
            "Ratings",
            "Ratings given in the period.",
            (Column("rating", "Rating", "rating"), Column("word", "Word", "text"), Column("count", "Ratings")),
            lambda asked: rating_rows(satisfaction(asked.period.since, asked.period.until).distribution),
        ),
        Report(
            "agents",
            "People",
            "What each agent has in hand now; what of theirs was solved in the period, and what they answered.",
            (
                Column("agent", "Agent", "text"),
                Column("open_tickets", "Open"),
                Column("p1_critical", "P1"),
                Column("p2_high", "P2"),
                Column("solved", "Solved"),
                Column("replies", "Replies"),
                Column("median_first_response_seconds", "First response", "seconds"),
            ),
            lambda asked: agent_rows(agents.agents(asked)),
        ),
        Report(
            "product-areas",
            "Busiest product areas",
            "What the tickets opened in the period are about.",
            (Column("product_area", "Product area", "text"), Column("created", "Created")),
            counts.product_areas,
        ),
        Report(
            "oldest-unanswered",
            "Oldest without an answer",
            "New and open tickets that have no public reply yet, the longest waiting first. The period plays no part.",
            (
                Column("ticket_id", "Ticket", "text"),
                Column("subject", "Subject", "text"),
                Column("priority", "Priority", "text"),
                Column("status", "Status", "text"),
                Column("assignee", "Assignee", "text"),
                Column("created_at", "Opened", "instant"),
                Column("waiting_seconds", "Waiting", "seconds"),
            ),
            _oldest,
        ),
        Report(
            "ratings",
            "Each rating",
            f"Ratings given in the period with their comments, the newest first, {RATINGS_MOST:,} at most.",
            (
                Column("rated_at", "Given", "instant"),
                Column("rating", "Rating", "rating"),
                Column("comment", "Comment", "text"),
                Column("ticket_id", "Ticket", "text"),
                Column("agent", "Agent", "text"),
            ),
            _ratings,
            permission="tickets.work_ticket",
        ),
    )
}
