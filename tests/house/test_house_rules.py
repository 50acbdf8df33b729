"""Rules of this house that a linter does not know, read off the source."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from common import journal

ROOT = Path(__file__).resolve().parents[2]
APPS = ("common", "accounts", "knowledgebase", "tickets", "sla", "integrations")
SOURCES = [
    path
    for app in (*APPS, "supportportal")
    for path in sorted((ROOT / app).rglob("*.py"))
    if not {"tests", "migrations", "seed"} & set(path.relative_to(ROOT).parts)
]
FACES = [
    p
    for p in SOURCES
    if (re.fullmatch(r"(views|api|admin|tasks|forms|serializers)", p.stem) and p.parent.name != "services")
    or p.parent.name in ("views", "console")
]


def calls(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func)


@pytest.mark.parametrize("path", FACES, ids=lambda p: str(p.relative_to(ROOT)))
def test_faces_write_through_services(path):
    for call in calls(path):
        name = name_of(call)
        is_write = re.search(
            r"\.objects\.(create|bulk_create|get_or_create|update_or_create)$|\.objects\..*\.(update|delete)$", name
        )
        is_save = name.endswith(".save") and not re.match(
            r"(super\(\)|form|self\.form|formset|storage|default_storage)", name
        )
        assert not (is_write or is_save), f"{path}:{call.lineno} {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_one_clock_and_one_door(path):
    source = path.read_text(encoding="utf-8")
    relative = str(path.relative_to(ROOT))
    if relative != "common/time.py":
        assert not re.search(r"datetime\.(now|utcnow|today)\(|timezone\.now\(", source), (
            "common.time.now() is the one clock"
        )
    if relative != "common/http.py":
        assert not re.search(r"^\s*(import|from) (requests|httpx|urllib\.request)\b", source, re.MULTILINE), (
            "common/http.py is the one door"
        )


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_customers_never_read_all_messages(path):
    if path.name in ("views.py", "api.py", "serializers.py") or path.parent.name == "views":
        assert ".messages.all()" not in path.read_text(encoding="utf-8"), "use visible_to() or public()"


def test_every_kind_of_event_has_a_label_and_a_past_tense_name():
    for kind in journal.kinds().values():
        assert kind.label
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", kind.name)


@pytest.mark.parametrize("app", APPS[1:])
def test_kinds_are_declared_in_events(app):
    for path in (ROOT / app).rglob("*.py"):
        if path.name != "events.py" and "tests" not in path.parts:
            assert not re.search(r"\bjournal\.declare\(|\bdeclare\(", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("app", APPS[1:])
def test_every_service_is_named_by_a_test(app):
    services = importlib.import_module(f"{app}.services")
    source = inspect.getsource(services)
    names = getattr(services, "__all__", re.findall(r"^def ([a-z]\w*)\(", source, re.MULTILINE))
    tested = "\n".join(
        path.read_text(encoding="utf-8") for folder in (*APPS, "tests") for path in (ROOT / folder).rglob("test_*.py")
    )
    untested = [name for name in names if not re.search(rf"\b{name}\b", tested)]
    assert not untested, f"no test names {untested}"


@pytest.mark.parametrize("app", APPS[1:])
def test_services_that_write_the_journal_open_a_transaction(app):
    """The journal refuses to be written outside of one, which no test sees that runs in one of its own."""
    services = importlib.import_module(f"{app}.services")
    names = getattr(services, "__all__", [])
    sources = {name: inspect.getsource(inspect.unwrap(getattr(services, name))) for name in names}
    writing = [name for name, source in sources.items() if "journal.record(" in source]
    opening = ("@transaction.atomic", "with transaction.atomic", "@service")
    assert [name for name in writing if not any(words in sources[name] for words in opening)] == []


def test_no_test_empties_a_cache_that_others_share():
    """Clearing one in Redis flushes the whole of it, under the feet of the tests beside; each has a prefix anyway."""
    for folder in (*APPS, "supportportal", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not re.search(r"\bcache\.clear\(", path.read_text(encoding="utf-8")), path


def test_no_template_has_inline_style_or_script():
    """Blocks of data (JSON, and JSON-LD for search engines) run nothing, so the content policy lets them be."""
    for path in (ROOT / "templates").rglob("*.html"):
        if path.parts[-3:-1] and "email" in path.parts:
            continue  # mail clients know nothing else
        source = path.read_text(encoding="utf-8")
        assert not re.search(
            r"\sstyle=|<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)|\son[a-z]+=\"", source
        ), path


def test_every_variable_is_documented():
    documented = (ROOT / ".env.example").read_text(encoding="utf-8")
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "supportportal").glob("*.py"))
    names = set(re.findall(r"(?:env\.\w+|os\.environ\.get)\(\s*\"([A-Z][A-Z_]+)\"", sources))
    assert len(names) > 10
    assert not [name for name in names if not re.search(rf"^# {name}=", documented, re.MULTILINE)]
