"""People, organizations, roles and tokens."""

import pytest
from django.contrib.auth.models import Group, Permission

from accounts import services
from accounts.models import Organization, PersonalAccessToken, Role, Tier, User
from accounts.roles import grant_starting_permissions
from common import journal
from common.actors import SYSTEM
from common.errors import Invalid, NotAllowed


def test_a_guest_is_a_person_without_a_password(db):
    guest = services.find_or_create_person(email=" Guest@Example.org ", name="A Guest")
    assert (guest.email, guest.name, guest.has_usable_password()) == ("guest@example.org", "A Guest", False)
    assert services.find_or_create_person(email="GUEST@example.org", name="Other") == guest
    assert guest.name == "A Guest"
    assert [g.name for g in guest.groups.all()] == ["customer"]


def test_a_new_person_joins_the_organization_of_their_domain(aarlund):
    person = services.find_or_create_person(email="new@aarlund.example")
    assert (person.organization, person.name) == (aarlund, "new")
    assert journal.timeline(person).last().kind == "organization.joined"


def test_unless_the_organization_does_not_want_it(aarlund):
    aarlund.is_joined_by_domain = False
    aarlund.save()
    assert services.find_or_create_person(email="new@aarlund.example").organization is None


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a@@b.org", "a b@c.org", "@c.org"])
def test_what_is_no_address_is_refused(db, email):
    with pytest.raises(Invalid):
        services.find_or_create_person(email=email)


def test_one_address_is_one_person(rita):
    with pytest.raises(Invalid) as refused:
        services.create_user(email="RITA@aarlund.example", name="Other", by=SYSTEM)
    assert refused.value.code == "email_taken"


def test_a_role_is_one_group_and_opens_the_console(rita, ada):
    services.set_role(rita, role=Role.SUPERVISOR, by=ada)
    rita = User.objects.get(pk=rita.pk)
    assert rita.is_staff
    assert [g.name for g in rita.groups.all()] == ["supervisor"]
    assert rita.has_perm("tickets.work_ticket")
    services.set_role(rita, role=Role.CUSTOMER, by=ada)
    rita = User.objects.get(pk=rita.pk)
    assert not rita.is_staff
    assert not rita.has_perm("tickets.work_ticket")
    before = journal.timeline(rita).count()
    services.set_role(rita, role=Role.CUSTOMER, by=ada)
    assert journal.timeline(rita).count() == before


def test_roles_differ_in_what_they_may(rita, agnes, sofia, ada):
    may = {
        person: [person.has_perm(p) for p in ("tickets.work_ticket", "integrations.redeliver", "accounts.add_user")]
        for person in (rita, agnes, sofia, ada)
    }
    assert list(may.values()) == [[False] * 3, [True, False, False], [True, True, False], [True] * 3]
    assert not ada.has_perm("common.change_event")
    assert not ada.has_perm("tickets.delete_ticket")


def test_a_permission_that_was_taken_away_stays_away(db):
    from django.apps import apps

    group = Group.objects.get(name="agent")
    permission = Permission.objects.get(codename="work_ticket")
    group.permissions.remove(permission)
    grant_starting_permissions(list(apps.get_app_configs())[-1])
    assert permission not in group.permissions.all()


def test_whoever_could_change_an_address_could_become_its_owner(rita, agnes, sofia, ada):
    services.change_user(rita, by=sofia, email="rita.l@aarlund.example")
    services.change_user(agnes, by=sofia, availability="AWAY")
    services.change_user(agnes, by=ada, email="agnes.m@support.example")
    for person, by, fields in (
        (ada, sofia, {"email": "mine@evil.example"}),
        (agnes, sofia, {"email": "mine@evil.example"}),
        (rita, agnes, {"email": "mine@evil.example"}),
        (ada, rita, {"name": "x"}),
    ):
        with pytest.raises(NotAllowed):
            services.change_user(person, by=by, **fields)


def test_roles_are_the_administrators_to_give(rita, agnes, sofia, ada):
    for by in (rita, agnes, sofia):
        with pytest.raises(NotAllowed):
            services.set_role(rita, role=Role.AGENT, by=by)
        with pytest.raises(NotAllowed):
            services.create_user(email="new@example.org", name="New", role=Role.AGENT, by=by)
    with pytest.raises(NotAllowed):
        services.set_role(ada, role=Role.CUSTOMER, by=ada)
    services.set_role(rita, role=Role.AGENT, by=ada)


def test_preferences_are_ones_own(rita, otto):
    services.change_preferences(rita, by=rita, time_zone="Europe/Oslo", is_mailed_status=False)
    rita.refresh_from_db()
    assert (rita.time_zone, rita.is_mailed_status) == ("Europe/Oslo", False)
    with pytest.raises(NotAllowed):
        services.change_preferences(rita, by=otto, name="X")
    with pytest.raises(NotAllowed):
        services.change_preferences(rita, by=rita, is_staff=True)
    with pytest.raises(Invalid) as refused:
        services.change_preferences(rita, by=rita, time_zone="Mars/Olympus")
    assert refused.value.field == "time_zone"


def test_moving_a_person_is_recorded_by_ids(rita, ada):
    other = Organization.objects.create(name="Other")
    services.change_user(rita, by=ada, organization=other)
    assert journal.timeline(rita).last().data["changes"]["organization"]["to"] == other.pk


def test_a_token_is_shown_once_and_kept_as_a_digest(rita):
    row, token = services.create_access_token(rita, name="sync", scopes=["tickets:read"], days=30, by=rita)
    assert token.startswith("spt_")
    assert token not in str(PersonalAccessToken.objects.values())
    assert row.digest == services.token_digest(token)
    assert row.is_valid_at(row.created_at)
    row = services.revoke_access_token(row, by=rita)
    services.revoke_access_token(row, by=rita)
    assert not row.is_valid_at(row.created_at)


@pytest.mark.parametrize(
    ("scopes", "days"), [([], 30), (["tickets:eat"], 30), (["tickets:read"], 0), (["tickets:read"], 367)]
)
def test_a_token_without_sense_is_refused(rita, scopes, days):
    with pytest.raises(Invalid):
        services.create_access_token(rita, name="x", scopes=scopes, days=days, by=rita)


def test_tokens_are_made_and_revoked_by_their_owner(rita, otto, sofia):
    with pytest.raises(NotAllowed):
        services.create_access_token(rita, name="x", scopes=["tickets:read"], days=1, by=otto)
    row, _ = services.create_access_token(rita, name="x", scopes=["tickets:read"], days=1, by=rita)
    with pytest.raises(NotAllowed):
        services.revoke_access_token(row, by=otto)
    services.revoke_access_token(row, by=sofia)


def test_who_sees_which_people(rita, otto, agnes, mallory):
    assert set(User.objects.visible_to(rita)) == {rita}
    assert set(User.objects.visible_to(otto)) == {rita, otto}
    assert User.objects.visible_to(agnes).count() == 4
    assert list(Organization.objects.visible_to(mallory)) == []
    assert list(Organization.objects.visible_to(rita)) == [rita.organization]
    assert Organization.objects.visible_to(agnes).exists()


def test_an_address_has_one_spelling():
    assert services.normalize_email(" Rita@AARLUND.example ") == "rita@aarlund.example"


def test_an_organization_is_made_with_its_domains(db):
    made = services.create_organization(name="Town", tier=Tier.PROFESSIONAL, domains=[" Town.Example"], by=SYSTEM)
    assert [row.domain for row in made.domains.all()] == ["town.example"]
    assert journal.timeline(made).get().data == {"name": "Town", "tier": "PROFESSIONAL"}
