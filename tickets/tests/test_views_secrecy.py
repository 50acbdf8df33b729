"""What must never reach a customer's page: internal notes, and anything that runs."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services import create_user
from common.actors import SYSTEM
from tickets.services import (
    add_follower,
    add_internal_note,
    attach_file,
    change_ticket,
    link_tickets,
    merge_tickets,
    open_ticket,
    post_customer_message,
    post_public_reply,
    solve_ticket,
    split_message,
    tracking_token,
)
from tickets.tests.pages import text_file, token, words
from tickets.vocabulary import Channel, LinkKind, Status

MARKER = "MARKER-of-the-team"
MALICIOUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "malicious"
pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(ticket, rita, otto, agnes, bruno):
    """A ticket with everything on it that only the support team may know, and with all that customers may."""
    add_follower(ticket, otto, by=rita)
    add_internal_note(ticket, body=f"{MARKER} in a note", by=agnes, files=[text_file(f"{MARKER}.log")])
    attach_file(ticket, text_file(f"{MARKER}-2.log"), by=agnes, is_internal=True)
    change_ticket(ticket, by=agnes, assignee=bruno, priority="P1_CRITICAL", tags=[f"{MARKER}"], status=Status.PENDING)
    post_public_reply(ticket, body="We look into it.", by=agnes, files=[text_file("public.log")])
    message = post_customer_message(ticket, body="Thanks.", by=rita, channel=Channel.WEB)
    other = open_ticket(subject="Same again", description="Same.", requester=rita, by=rita, channel=Channel.WEB)
    add_internal_note(other, body=f"{MARKER} on the other", by=agnes)
    split = split_message(message, subject=f"{MARKER} split", by=agnes)
    link_tickets(ticket, kind=LinkKind.RELATED, other=split, by=agnes)
    merge_tickets(other, into=ticket, by=agnes)
    solve_ticket(ticket, by=agnes)
    split.delete()
    return [ticket, other]


def addresses(tickets, person, *, by_link: bool) -> list[str]:
    """Return every page of the tickets that can be asked for."""
    found = ["/", "/help", "/help/search?q=" + MARKER, "/tickets/new"]
    for ticket in tickets:
        base = f"/t/{tracking_token(ticket, person)}" if by_link else f"/tickets/{ticket.reference}"
        found += [base, f"{base}/cancel", f"{base}/people"]
        found += [f"{base}/files/{attachment.uid}" for attachment in ticket.attachments.all()]
        assert ticket.attachments.exists() or ticket.pk != tickets[0].pk
    if not by_link:
        found += [f"/tickets?show={tab}" for tab in ("open", "waiting", "solved", "all")] + [
            "/profile",
            "/tickets/sent",
        ]
    return found


@pytest.mark.parametrize("who", ["rita", "otto", "mallory", "agnes"])
def test_no_customer_page_holds_an_internal_word(client, lived, who, request):
    person = request.getfixturevalue(who)
    client.force_login(person)
    statuses = set()
    for address in addresses(lived, person, by_link=False):
        if who == "agnes" and "/files/" in address:
            continue  # the same address serves the console, where an agent may open internal files
        response = client.get(address)
        statuses.add(response.status_code)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        found = content.decode().replace(f'value="{MARKER}"', "").replace(f"“{MARKER}”", "")
        assert MARKER not in found, address
        assert MARKER not in response.headers.get("Content-Disposition", ""), address
    assert 500 not in statuses


def test_no_page_behind_a_secret_link_holds_an_internal_word(lived, rita):
    guest = Client()
    for address in addresses(lived, rita, by_link=True):
        response = guest.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        found = content.decode().replace(f'value="{MARKER}"', "").replace(f"“{MARKER}”", "")
        assert MARKER not in found, address
        assert MARKER not in response.headers.get("Content-Disposition", ""), address
    for deed in ("reply", "solve", "reopen"):
        base = f"/t/{tracking_token(lived[0], rita)}"
        response = guest.post(f"{base}/{deed}", {"body": "", "token": token()})
        assert MARKER not in words(response)


class Inert(HTMLParser):
    """Collects what a page could run or load from elsewhere."""

    TAGS = frozenset({"iframe", "object", "embed", "base", "math", "img", "video", "audio", "frame", "style", "link"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.dangers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        for name, value in values.items():
            scheme = re.sub(r"[\x00-\x20]", "", value or "").lower()
            is_address = name in {"href", "src", "action", "formaction", "xlink:href", "data", "poster"}
            if name.startswith("on") or name in {"style", "srcdoc"}:
                self.dangers.append(f"{tag} {name}")
            elif is_address and scheme.startswith(("javascript:", "data:", "vbscript:")):
                self.dangers.append(f"{tag} {name}={value}")
        address = str(values.get("href") or values.get("src") or "")
        is_ours = address.startswith("/static/") or (values.get("rel") == "alternate" and address == "/help/feed.xml")
        if (tag in self.TAGS or tag == "script") and not is_ours:
            self.dangers.append(tag)


def payloads(name: str) -> list[str]:
    path = MALICIOUS / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [row["payload"] for row in rows]


@pytest.mark.parametrize("name", ["xss_html.jsonl", "xss_markdown.jsonl"])
def test_scripts_in_subject_body_and_names_are_inert(client, name, agnes, settings):
    settings.PORTAL_ATTACHMENTS_PER_MESSAGE = 5
    found = payloads(name)
    for start in range(0, len(found), 40):
        part = found[start : start + 40]
        person = create_user(email=f"xss{start}@outside.example", name=part[0][:150], by=SYSTEM)
        ticket = open_ticket(
            subject=part[0].replace("\n", " ")[:190] + " and more",
            description=part[0],
            requester=person,
            by=person,
            channel=Channel.WEB,
            product_version=part[0][:40],
        )
        for payload in part[1:]:
            post_customer_message(ticket, body=payload, by=person, channel=Channel.WEB)
        attach_file(ticket, text_file(f"{part[0][:60]}.log"), by=person)
        post_public_reply(ticket, body="\n\n".join(part)[:9_000], by=agnes)
        client.force_login(person)
        for address in (f"/tickets/{ticket.reference}", "/tickets", "/profile", f"/tickets/{ticket.reference}/cancel"):
            page = Inert()
            page.feed(words(client.get(address)))
            assert page.dangers == [], address


@pytest.mark.parametrize("name", ["xss_html.jsonl", "xss_markdown.jsonl"])
def test_scripts_in_addresses_and_refused_forms_are_inert(client, name, rita):
    for payload in payloads(name)[::7]:
        client.logout()
        pages = [
            client.get("/help/search", {"q": payload}),
            client.get("/accounts/login/", {"next": payload, "password": "1"}),
            client.get(reverse("ticket-find"), {"reference": payload}),
            client.post("/tickets/new", {"subject": payload, "name": payload, "email": payload, "token": payload}),
        ]
        client.force_login(rita)
        pages.append(client.get("/tickets", {"q": payload, "area": payload, "person": payload, "show": payload}))
        for response in pages:
            page = Inert()
            page.feed(words(response))
            assert page.dangers == []
            assert "script-src 'self'" in response["Content-Security-Policy"]
