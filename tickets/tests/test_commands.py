"""import_tickets, export_tickets, seed_demo as an operator runs them."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Organization, Role, User
from integrations.models import Delivery
from tickets import services
from tickets.models import Message, Ticket
from tickets.vocabulary import Channel, Status


def run(*words, **options):
    out = io.StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


ROWS = [
    {
        "external_id": "a",
        "subject": "First one",
        "description": "Text",
        "customer_email": "a@example.org",
        "priority": "p2",
        "product_area": "ml_ops",
        "tags": ["x"],
        "created_at": "2026-02-08T03:00:00Z",
    },
    {"subject": "Without a name", "description": "Text", "customer_email": "a@example.org", "customer_name": "A"},
    {"external_id": "c", "subject": "", "description": "Text", "customer_email": "a@example.org"},
    {"external_id": "d", "subject": "Bad address", "description": "Text", "customer_email": "nobody"},
    {
        "external_id": "e",
        "subject": "Bad area",
        "description": "Text",
        "customer_email": "a@b.org",
        "product_area": "x",
    },
    {
        "external_id": "f",
        "subject": "Bad priority",
        "description": "Text",
        "customer_email": "a@b.org",
        "priority": "P9",
    },
    {
        "external_id": "g",
        "subject": "Bad time",
        "description": "Text",
        "customer_email": "a@b.org",
        "created_at": "yesterday",
    },
    {
        "external_id": "h",
        "subject": "Bad time",
        "description": "Text",
        "customer_email": "a@b.org",
        "created_at": "2026-13-08T03:00:00Z",
    },
    {"external_id": "i", "subject": "Odd column", "description": "Text", "customer_email": "a@b.org", "colour": "red"},
    {"external_id": "j", "subject": 5, "description": "Text", "customer_email": "a@b.org"},
    [1],
]


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n{broken\n\n")
    return path


@pytest.mark.django_db
def test_import_takes_what_is_good_and_names_the_rest(rows, tmp_path):
    rejected = tmp_path / "rejected.jsonl"
    printed = run("import_tickets", str(rows), rejected=rejected)
    assert "2 imported, 0 known, 10 rejected." in printed
    assert "line 12: The line is not JSON" in printed
    assert "line 4: Enter an email address" in printed
    assert len(rejected.read_text().splitlines()) == 10
    ticket = Ticket.objects.get(external_id="a")
    assert (ticket.priority, ticket.product_area.key, ticket.channel) == ("P3_NORMAL", "MLOPS", Channel.IMPORT)
    assert ticket.created_at.isoformat() == "2026-02-08T03:00:00+00:00"
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_an_import_run_again_goes_on_where_it_stopped(rows):
    run("import_tickets", str(rows))
    Ticket.objects.filter(external_id="a").delete()
    assert "1 imported, 1 known" in run("import_tickets", str(rows))


@pytest.mark.django_db
def test_a_dry_run_writes_nothing(rows):
    assert "2 would be imported" in run("import_tickets", str(rows), dry_run=True)
    assert not Ticket.objects.exists()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_csv_is_read_too(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        'subject,description,customer_email,tags\n"Hello, world",Text,a@example.org,"x,y"\n', encoding="utf-8-sig"
    )
    assert "1 imported" in run("import_tickets", str(path))
    assert {tag.name for tag in Ticket.objects.get().tags.all()} == {"x", "y"}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_tickets", str(tmp_path / "nothing"))


def test_export_has_the_conversation_and_no_notes_unless_asked(ticket, agnes, tmp_path):
    services.add_internal_note(ticket, body="Between us", by=agnes)
    path = tmp_path / "out.jsonl"
    run("export_tickets", str(path))
    assert "Between us" not in path.read_text()
    row = json.loads(path.read_text())
    assert (row["ticket_id"], row["messages"][0]["author"]) == (ticket.reference, "rita@aarlund.example")
    run("export_tickets", str(path), internal=True)
    assert "Between us" in path.read_text()


def test_a_csv_cell_is_never_a_formula(ticket, agnes, tmp_path):
    services.change_ticket(ticket, by=agnes, subject='=HYPERLINK("http://evil.example")')
    path = tmp_path / "out.csv"
    run("export_tickets", str(path))
    (row,) = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    assert row["subject"].startswith("'=")
    assert row["ticket_id"] == ticket.reference


@pytest.mark.django_db
def test_the_demonstration_is_whole_and_made_once(tmp_path):
    accounts = tmp_path / "accounts.json"
    run("seed_demo", accounts_file=accounts)
    assert accounts.stat().st_mode & 0o077 == 0
    people = json.loads(accounts.read_text())
    assert {role.value for role in Role} - {"customer"} <= {row["role"] for row in people}
    assert len({row["password"] for row in people}) == len(people)
    assert set(Organization.objects.values_list("tier", flat=True)) == {"COMMUNITY", "PROFESSIONAL", "ENTERPRISE"}
    assert Ticket.objects.count() == 200
    assert set(Ticket.objects.values_list("status", flat=True)) == set(Status.values)
    assert Message.objects.count() > 500
    assert not Delivery.objects.exists()
    assert "0 tickets made" in run("seed_demo")
    assert Ticket.objects.count() == 200


@pytest.mark.django_db
def test_the_guides_commands_say_what_they_made():
    assert "9 organizations made" in run("seed_organizations")
    assert "0 organizations made" in run("seed_organizations")
    assert "Rotate an API token" in run("seed_knowledge_base")
    assert "0 articles written" in run("seed_knowledge_base")
    assert "ada.okafor@support.example" in run("create_staff_users")
    assert "0 accounts made" in run("create_staff_users")
