"""The help centre in a real browser: images that stay in their column, results that are narrowed, nothing refused."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from knowledgebase.models import Category
from knowledgebase.services import add_file, create_article, publish_article
from tests.browser.test_accessibility import check, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BODY = "# Look\n\n![Two parts](file:wide.png)\n\n# Then\n\n1. Open [the list](file:rows.csv).\n2. Close it."


@pytest.fixture
def article(sofia, browser):
    category = Category.objects.create(slug="lineage", name="Lineage")
    article = create_article(title="Rebuild lineage", body=BODY, category=category, tags=["index"], by=sofia)
    page = browser.new_page(viewport={"width": 1600, "height": 400})
    add_file(article, SimpleUploadedFile("wide.png", page.screenshot()), by=sofia)
    page.close()
    add_file(article, SimpleUploadedFile("rows.csv", b"a,b\n"), by=sofia)
    other = Category.objects.create(slug="quality", name="Quality")
    publish_article(create_article(title="Lineage of rules", body="Words.", category=other, by=sofia), by=sofia)
    return publish_article(article, by=sofia)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(open_page, article, sofia, scheme):
    options = {"bypass_csp": True, "color_scheme": scheme, "viewport": {"width": 320, "height": 700}}
    guest = open_page(**options)
    for path in (f"/help/{article.slug}", "/help/search?q=lineage", "/help/search?q=lineage&category=quality"):
        check(guest, path)
    writer = open_page(**options)
    sign_in(writer, sofia)
    writer.goto(f"/admin/knowledgebase/article/{article.pk}/change/")
    # The frame's own fields are not ours to judge.
    assert Axe().run(writer, {"include": [[".article-files"]]}).response["violations"] == []
    assert writer.evaluate("document.documentElement.scrollWidth") <= 320


def test_image_keeps_its_room_and_its_column(open_page, article):
    page = open_page()  # the content policy holds here: a block of data that it refused would be a complaint
    page.goto(f"/help/{article.slug}")
    image = page.get_by_alt_text("Two parts")
    image.scroll_into_view_if_needed()
    assert image.evaluate("one => one.decode().then(() => one.naturalWidth)") == 1600
    box = image.bounding_box()
    assert box["width"] <= 680
    assert abs(box["width"] / box["height"] - 4) < 0.05


@pytest.mark.parametrize("has_javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_results_are_narrowed_and_widened_again(open_page, article, has_javascript):
    page = open_page(java_script_enabled=has_javascript)
    page.goto("/help/search?q=lineage")
    page.get_by_role("link", name="Quality").click()
    expect(page.get_by_role("heading", name="Rebuild lineage")).to_be_hidden()
    expect(page.get_by_role("heading", name="Lineage of rules")).to_be_visible()
    page.get_by_role("link", name="Only Quality").click()
    expect(page.get_by_role("heading", name="Rebuild lineage")).to_be_visible()


def test_writer_adds_a_file_and_copies_its_line(open_page, article, sofia, tmp_path):
    path = tmp_path / "more rows.csv"
    path.write_text("a,b\n", encoding="utf-8")
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, sofia)
    page.goto(f"/admin/knowledgebase/article/{article.pk}/change/")
    page.get_by_label("Add files").set_input_files(path)
    page.get_by_role("button", name="Save and continue editing").click()
    row = page.get_by_role("listitem").filter(has_text="more-rows.csv")
    row.get_by_role("button", name="Copy the line").click()
    row.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "[more-rows.csv](file:more-rows.csv)"
