"""The pages of a person's account: signing in, the profile, tokens."""

from __future__ import annotations

import re
from pathlib import Path

import allauth
import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import PersonalAccessToken
from accounts.services import create_access_token
from integrations.models import Delivery
from tests.cast import PASSWORD
from tickets.tests.pages import filled

pytestmark = pytest.mark.django_db


def words(response) -> str:
    return response.content.decode()


def code_for(email: str) -> str:
    mail = Delivery.objects.filter(destination=email, template="login_code").latest("pk").payload
    return re.search(r"Your sign-in code: (\S+)", mail["subject"])[1]


@pytest.fixture
def page(client, rita):
    client.force_login(rita)
    return client


# --- signing in -------------------------------------------------------------------------------------------------------


def test_code_comes_first_and_a_password_second(client):
    first = words(client.get("/accounts/login/?next=/profile"))
    assert f'action="{reverse("account_request_login_code")}"' in first
    assert 'name="next"' in first
    assert "Use a password instead" in first
    assert f'action="{reverse("ticket-find")}"' in first
    assert 'type="password"' not in first
    assert 'type="password"' in words(client.get("/accounts/login/?password=1"))


def test_password_opens_the_account(client, rita):
    refused = client.post("/accounts/login/", {"login": rita.email, "password": "wrong"})
    assert "There is a problem" in words(refused)
    assert 'type="password"' in words(refused)
    accepted = client.post("/accounts/login/", {"login": "RITA@aarlund.example", "password": PASSWORD})
    assert accepted["Location"] == reverse("ticket-list")


def test_guest_who_filed_a_ticket_signs_in_by_code_and_sees_it(client):
    client.post("/tickets/new", filled())
    browser = Client()
    browser.get("/tickets")
    asked = browser.post("/accounts/login/code/", {"email": "Gina@guest.example", "next": "/tickets"})
    assert asked["Location"].startswith("/accounts/login/code/confirm/")
    confirm = browser.get(asked["Location"])
    assert "Enter the code" in words(confirm)
    wrong = words(browser.post(asked["Location"], {"code": "XXXXXX", "next": "/tickets"}))
    assert wrong.count("This is not the code we sent last") == 2
    assert "<title>Error: Enter the code" in wrong
    code = code_for("gina@guest.example")
    signed_in = browser.post("/accounts/login/code/confirm/", {"code": code, "next": "/tickets"})
    assert signed_in["Location"] == "/tickets"
    assert "Lineage graph is empty" in words(browser.get("/tickets"))


def test_unknown_address_is_answered_alike(client, rita):
    known = client.post("/accounts/login/code/", {"email": rita.email})
    unknown = Client().post("/accounts/login/code/", {"email": "nobody@outside.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    mail = Delivery.objects.get(destination="nobody@outside.example").payload
    assert mail["subject"] == "We do not know this address"
    assert "http://testserver/tickets/new" in mail["text"]


def test_forgotten_password_is_replaced_by_a_link(client, rita):
    assert client.post("/accounts/password/reset/", {"email": rita.email})["Location"].endswith("/reset/done/")
    mail = Delivery.objects.get(destination=rita.email).payload
    assert mail["subject"] == "Choose a new password"
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail["text"])[1]
    form = client.get(link, follow=True)
    assert "Choose a new password" in words(form)
    new = {"password1": "a whole new sentence", "password2": "a whole new sentence"}
    assert client.post(form.request["PATH_INFO"], {"password1": "short", "password2": "short"}).status_code == 200
    assert client.post(form.request["PATH_INFO"], new).status_code == 302
    assert Client().login(username=rita.email, password="a whole new sentence")
    assert "This link no longer works" in words(Client().get(link, follow=True))


def test_sign_out_asks_first(page):
    assert "Sign out?" in words(page.get("/accounts/logout/"))
    assert page.post("/accounts/logout/")["Location"] == reverse("home")


def test_nobody_signs_up(client):
    assert "You need no sign-up here" in words(client.get("/accounts/signup/"))


def allauth_pages() -> list[str]:
    urls = [resolver for resolver in get_resolver().url_patterns if str(resolver.pattern) == "accounts/"]
    names = [entry.name for resolver in urls for entry in resolver.url_patterns if isinstance(entry, URLPattern)]
    return [name for name in names if name and name != "account_login"]


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_no_page_of_allauth_has_its_own_look(client, rita, is_signed_in):
    arguments = {"account_confirm_email": ["wrong"], "account_reset_password_from_key": ["1", "wrong"]}
    names = allauth_pages()
    assert len(names) > 10
    for name in names:
        if is_signed_in:
            client.force_login(rita)
        response = client.get(reverse(name, args=arguments.get(name, [])), follow=True)
        text = words(response)
        assert response.status_code == 200, name
        assert 'class="topbar"' in text, name
        assert text.count("<h1") == 1, name
        assert "Menu:" not in text, name


def test_every_allauth_template_of_a_page_is_ours():
    theirs = Path(allauth.__file__).parent / "templates" / "account"
    for path in sorted(theirs.glob("*.html")):
        if not path.name.startswith("base_"):
            assert "site-packages" not in str(get_template(f"account/{path.name}").origin), path.name
    for path in sorted((theirs / "email").glob("*.txt")):
        assert "site-packages" not in str(get_template(f"account/email/{path.name}").origin), path.name


# --- profile ----------------------------------------------------------------------------------------------------------


def test_profile_shows_who_one_is(client, otto):
    client.force_login(otto)
    text = words(client.get("/profile"))
    assert "City of Aarlund" in text
    assert "Enterprise" in text
    assert "Administrator: you see all tickets" in text
    assert otto.email in text
    assert client.get("/profile")["Cache-Control"].startswith("max-age=0")


def test_profile_is_for_whoever_is_signed_in(client):
    assert client.get("/profile").status_code == 302
    assert client.post("/profile/tokens").status_code == 302


def test_preferences_are_saved(page, rita):
    form = {"name": "Rita L.", "time_zone": "Europe/Oslo", "language": "en", "is_mailed_replies": "on"}
    assert page.post("/profile", form)["Location"] == "/profile"
    rita.refresh_from_db()
    assert (rita.name, rita.time_zone, rita.is_mailed_replies, rita.is_mailed_status) == (
        "Rita L.",
        "Europe/Oslo",
        True,
        False,
    )
    assert "Your profile was saved." in words(page.get("/profile"))


@pytest.mark.parametrize("change", [{"name": ""}, {"time_zone": "Mars/Base"}])
def test_refused_preferences_say_why(page, change):
    response = page.post("/profile", {"name": "Rita", "time_zone": "", "language": "en", **change})
    assert response.status_code == 422
    assert "<title>Error: Your profile" in words(response)


def test_zone_that_is_no_longer_listed_stays(page, rita):
    type(rita).objects.filter(pk=rita.pk).update(time_zone="Etc/GMT+5")
    assert re.search(r'value="Etc/GMT\+5" selected', words(page.get("/profile")))


def test_token_is_shown_once_and_kept_nowhere(page, rita):
    form = {"token_name": "nightly", "scopes": ["tickets:read"], "days": "30"}
    response = page.post("/profile/tokens", form)
    assert response["Location"] == "/profile"
    cookie = response.cookies["new_token"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/profile")
    shown = re.search(r"<code>(spt_[\w-]+)</code>", words(page.get("/profile")))[1]
    row = PersonalAccessToken.objects.get()
    assert row.is_valid_at(row.created_at)
    assert (row.name, row.scopes, row.prefix) == ("nightly", ["tickets:read"], shown[:12])
    assert shown not in words(page.get("/profile"))
    assert shown not in str(page.session.items())


def test_refused_token_says_why(page):
    response = page.post("/profile/tokens", {"token_name": "", "scopes": [], "days": "30"})
    assert response.status_code == 422
    assert words(response).count("Choose at least one thing it may do") == 2
    assert "Rita Lindqvist" in words(response)
    assert PersonalAccessToken.objects.count() == 0


def test_scopes_of_the_team_are_offered_to_the_team(page, client, agnes):
    assert 'value="people:write"' not in words(page.get("/profile"))
    assert (
        page.post("/profile/tokens", {"token_name": "x", "scopes": ["people:write"], "days": "30"}).status_code == 422
    )
    client.force_login(agnes)
    assert 'value="people:write"' in words(client.get("/profile"))


def test_token_is_revoked_by_its_owner_only(page, rita, mallory):
    own, _token = create_access_token(rita, name="mine", scopes=["me:read"], days=1, by=rita)
    strange, _token = create_access_token(mallory, name="theirs", scopes=["me:read"], days=1, by=mallory)
    assert page.post(f"/profile/tokens/{own.pk}/revoke").status_code == 302
    assert page.post(f"/profile/tokens/{strange.pk}/revoke").status_code == 404
    own.refresh_from_db()
    strange.refresh_from_db()
    assert own.revoked_at is not None
    assert strange.revoked_at is None
    assert "mine" not in words(page.get("/profile")).split("Access tokens")[1]


def test_address_is_changed_by_support(page):
    assert "To change it, write to us" in words(page.get("/accounts/email/"))
