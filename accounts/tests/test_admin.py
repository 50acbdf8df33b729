"""People and organizations in the console."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import Organization, ProductArea, Role, Skill, Team, User
from common import journal
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def page(model: str, row=None, verb: str = "change") -> str:
    if row is None:
        return reverse(f"admin:accounts_{model}_{'changelist' if verb == 'change' else verb}")
    return reverse(f"admin:accounts_{model}_{verb}", args=[row.pk])


def sent(client, address: str, **changed) -> dict:
    """Return what a browser would send of the form at `address`, with some fields changed."""
    context = client.get(address).context
    data = {}
    for form in (context["adminform"].form, *(f for s in context["inline_admin_formsets"] for f in s.formset.forms)):
        for bound in form:
            value = bound.field.prepare_value(bound.value())
            if value is True or (value is not None and value is not False and bound.widget_type != "checkbox"):
                data[bound.html_name] = (
                    [one.pk if hasattr(one, "pk") else one for one in value] if isinstance(value, list) else value
                )
    for formset in context["inline_admin_formsets"]:
        for bound in formset.formset.management_form:
            data[bound.html_name] = bound.value()
    return {name: value for name, value in (data | changed).items() if value is not None}


# --- organizations ---


def test_organization_shows_its_use_against_its_contract(client, sofia, aarlund, ticket):
    Organization.objects.filter(pk=aarlund.pk).update(
        max_tickets_per_month=50, support_hours_included=40, support_hours_used="17.25"
    )
    client.force_login(sofia)
    words = client.get(page("organization", aarlund)).content.decode()
    assert "Tickets this month: 1 of 50" in words
    assert "17.25 used of 40" in words
    assert "aarlund.example" in words
    assert "Enterprise" in client.get(page("organization")).content.decode()


def test_organization_is_changed_by_the_service_with_its_domains(client, sofia, aarlund):
    client.force_login(sofia)
    address = page("organization", aarlund)
    data = sent(client, address, tier="PROFESSIONAL", slack_channel_id="C1", success_manager=sofia.pk)
    data |= {"domains-1-domain": "@Schools.Aarlund.example", "domains-0-DELETE": "on"}
    assert client.post(address, data).status_code == 302
    aarlund.refresh_from_db()
    assert (aarlund.tier, aarlund.slack_channel_id, aarlund.success_manager) == ("PROFESSIONAL", "C1", sofia)
    assert [one.domain for one in aarlund.domains.all()] == ["schools.aarlund.example"]
    changes = journal.timeline(aarlund).get(kind="organization.changed").data["changes"]
    assert changes["tier"] == {"from": "ENTERPRISE", "to": "PROFESSIONAL"}
    assert changes["domains"] == {"from": ["aarlund.example"], "to": ["schools.aarlund.example"]}
    client.post(address, sent(client, address))
    assert journal.timeline(aarlund).filter(kind="organization.changed").count() == 1


def test_organization_is_made_by_the_service(client, ada, aarlund):
    client.force_login(ada)
    add = page("organization", verb="add")
    data = sent(client, add, name="Norrvik", tier="PROFESSIONAL") | {"domains-0-domain": "norrvik.example"}
    assert client.post(add, data).status_code == 302
    made = Organization.objects.get(name="Norrvik")
    assert [one.domain for one in made.domains.all()] == ["norrvik.example"]
    assert journal.timeline(made).filter(kind="organization.created").exists()
    taken = client.post(add, sent(client, add, name="Another") | {"domains-0-domain": "aarlund.example"})
    assert "already exists" in taken.content.decode()
    assert not Organization.objects.filter(name="Another").exists()


def test_organizations_are_read_by_agents_and_changed_by_supervisors(client, agnes, rita, aarlund):
    address = page("organization", aarlund)
    assert client.get(address).url.startswith(reverse("account_login"))
    client.force_login(rita)
    assert client.get(address).status_code == 403
    client.force_login(agnes)
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "Mine"}).status_code == 403
    assert client.get(page("organization", verb="add")).status_code == 403


def test_nobody_deletes_people_or_organizations(client, ada, rita, aarlund):
    client.force_login(ada)
    for address in (page("organization", aarlund, "delete"), page("user", rita, "delete")):
        assert client.post(address, {"post": "yes"}).status_code == 403


# --- people ---


def test_staff_are_added_without_a_password(client, ada):
    client.force_login(ada)
    add = page("user", verb="add")
    assert "password" not in client.get(add).context["adminform"].form.fields
    team = Team.objects.create(name="Gamma")
    response = client.post(add, {"name": "Nils", "email": "Nils@Support.example", "role": "agent", "teams": [team.pk]})
    assert response.status_code == 302
    nils = User.objects.get(email="nils@support.example")
    assert nils.is_staff
    assert not nils.has_usable_password()
    assert list(nils.teams.all()) == [team]
    assert journal.timeline(nils).get(kind="user.created").actor_id == ada.pk


def test_an_address_is_taken_once(client, ada, rita):
    client.force_login(ada)
    add = page("user", verb="add")
    response = client.post(add, {"name": "Rita again", "email": "RITA@aarlund.example", "role": "customer"})
    assert response.status_code == 200
    assert User.objects.filter(email__iexact=rita.email).count() == 1


def test_role_is_set_by_the_service(client, ada, rita):
    client.force_login(ada)
    client.post(page("user", rita), sent(client, page("user", rita), role="agent"))
    rita.refresh_from_db()
    assert rita.is_staff
    assert journal.timeline(rita).get(kind="user.role_changed").data["role"] == {"from": "customer", "to": "agent"}


def test_nobody_changes_their_own_role(client, ada):
    client.force_login(ada)
    response = client.post(page("user", ada), sent(client, page("user", ada), role="customer", name="Ada O."))
    assert response.status_code == 200
    assert "cannot change your own role" in response.content.decode()
    assert "Ada O." in response.content.decode(), "what was typed stays"
    ada.refresh_from_db()
    assert (ada.is_staff, ada.name) == (True, "Ada Okafor")


def test_supervisor_sorts_agents_and_takes_nobodys_place(client, sofia, ada, agnes):
    skill = Skill.objects.create(key="supervising", name="Supervising")
    client.force_login(sofia)
    forged = {"role": "administrator", "email": "sofia@support.example", "name": "Evil", "is_active": ""}
    for person in (ada, agnes, sofia):
        address = page("user", person)
        data = sent(client, address, availability="AWAY", skills=[skill.pk])
        assert client.post(address, data | forged).status_code == 302
        was = (person.email, person.name, person.is_staff)
        person.refresh_from_db()
        assert (person.email, person.name, person.is_staff) == was
        assert person.availability == "AWAY"
        assert list(person.skills.all()) == [skill]
    assert not sofia.groups.filter(name=Role.ADMINISTRATOR.value).exists()


def test_supervisor_changes_a_customer_but_no_role(client, sofia, rita):
    client.force_login(sofia)
    address = page("user", rita)
    data = sent(client, address, email="Rita.L@aarlund.example", is_organization_admin="on")
    client.post(address, data | {"role": "administrator"})
    rita.refresh_from_db()
    assert (rita.email, rita.is_organization_admin, rita.is_staff) == ("rita.l@aarlund.example", True, False)


def test_wrong_zone_is_said_at_its_field(client, ada, rita):
    client.force_login(ada)
    response = client.post(page("user", rita), sent(client, page("user", rita), time_zone="Mars/Base"))
    assert "IANA name" in response.content.decode()


def test_people_are_found_and_filtered_in_few_queries(client, agnes, rita, otto, sofia, django_assert_max_num_queries):
    client.force_login(agnes)
    client.get(page("user"))
    with django_assert_max_num_queries(12):
        words = client.get(page("user"), {"role": "customer"}).content.decode()
    assert "rita@aarlund.example" in words
    assert "sofia@support.example" not in words
    assert "otto@" not in client.get(page("user"), {"q": "Lindqvist"}).content.decode()


def test_agent_reads_people_and_changes_none(client, agnes, rita):
    client.force_login(agnes)
    assert client.get(page("user", rita)).status_code == 200
    assert client.post(page("user", rita), {"name": "Mine"}).status_code == 403


# --- plain tables ---


def test_teams_skills_and_product_areas(client, ada, agnes, sofia):
    client.force_login(ada)
    client.post(page("team", verb="add"), {"name": "Delta", "members": [agnes.pk]})
    assert agnes.teams.filter(name="Delta").exists()
    assert "Agnes Moreau" in client.get(page("team")).content.decode()
    client.post(page("skill", verb="add"), {"name": "Patience", "key": "patience"})
    assert Skill.objects.filter(key="patience").exists()
    client.force_login(sofia)
    area = ProductArea.objects.create(key="OLD", name="Old", position=1)
    data = {"key": "open data-portal", "name": "Portal", "aliases": "odp\nportal", "position": 3, "is_active": "on"}
    client.post(page("productarea", area), data)
    area.refresh_from_db()
    assert (area.key, area.aliases) == ("OPEN_DATA_PORTAL", ["ODP", "PORTAL"])
    assert client.get(page("productarea", verb="add")).status_code == 403


def test_roles_keep_their_names(client, ada):
    client.force_login(ada)
    from django.contrib.auth.models import Group

    group = Group.objects.get(name="agent")
    address = reverse("admin:auth_group_change", args=[group.pk])
    assert client.get(address).status_code == 200
    client.post(address, {"name": "boss", "permissions": [p.pk for p in group.permissions.all()]})
    assert Group.objects.filter(name="agent").exists()
    assert client.get(reverse("admin:auth_group_add")).status_code == 403
    assert client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403


def test_console_holds_only_tables_of_our_own():
    shown = {model._meta.label for model in admin.site._registry}
    assert not {name for name in shown if name.startswith(("account.", "token_blacklist."))}
    assert Ticket._meta.label in shown
