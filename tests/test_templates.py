"""One guard for every template: it compiles, has a title, and asks nothing of other hosts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template
from django.test import override_settings
from django.urls import include, path

from common.styleguide import styleguide

ROOT = Path(__file__).resolve().parents[1] / "templates"
TEMPLATES = sorted(str(found.relative_to(ROOT)) for found in ROOT.rglob("*") if found.suffix in {".html", ".txt"})
PAGES = [
    name
    for name in TEMPLATES
    if re.match(r"\{% extends \"(portal/|base|account/)", (ROOT / name).read_text(encoding="utf-8"))
    and name.endswith(".html")
]
ABSTRACT = {"portal/base.html", "account/sign_base.html"}
urlpatterns = [path("styleguide/", styleguide, name="styleguide"), path("", include("supportportal.urls"))]


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name):
    get_template(name)


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ABSTRACT])
def test_page_has_a_title_and_one_heading(name):
    source = _with_parents(name)
    assert "{% block title %}" in source, f"{name} needs a title"
    assert "<h1" in source, f"{name} needs a heading"


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(("subject.txt", "_subject.txt"))])
def test_subject_of_a_mail_is_one_line(name):
    source = (ROOT / name).read_text(encoding="utf-8")
    assert len(source.strip().splitlines()) == 1
    assert get_template(name).render({"code": "ABC123"}).strip()


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(".html")])
def test_template_loads_nothing_from_elsewhere(name):
    source = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"(?:src|srcset|action)=[\"'](?:https?:)?//", source)
    assert not re.search(r"<link[^>]+href=[\"'](?:https?:)?//", source)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("components/")])
def test_component_says_what_it_takes(name):
    assert re.match(r"\{#|\{% comment %\}", (ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(".html")])
def test_template_is_short_enough_to_read(name):
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 140


@pytest.mark.django_db
def test_style_guide_shows_every_component(client):
    with override_settings(ROOT_URLCONF="tests.test_templates"):
        response = client.get("/styleguide/")
        assert response.status_code == 200
        assert client.get("/styleguide/?theme=dark").status_code == 200
    page = response.content.decode()
    assert page.count("<h1") == 1
    assert "Style guide" in page


def test_glyphs_of_templates_and_python_are_in_the_sprite():
    sprite = (ROOT.parent / "static" / "icons.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'symbol id="([^"]+)"', sprite))
    used = {glyph for name in TEMPLATES for glyph in _glyphs((ROOT / name).read_text(encoding="utf-8"))}
    assert used <= known, used - known


def test_error_pages_need_no_request():
    for name in ("400.html", "500.html", "503.html"):
        assert "<h1" in engines["django"].get_template(name).render({})


def _glyphs(source: str) -> list[str]:
    return re.findall(r'\{% icon "([^"]+)"', source) + re.findall(r'glyph="([^"]+)"', source)


def _with_parents(name: str) -> str:
    source = (ROOT / name).read_text(encoding="utf-8")
    parent = re.match(r"\{% extends \"([^\"]+)\"", source)
    return source + (_with_parents(parent[1]) if parent and parent[1] not in {"base.html", *ABSTRACT} else "")
