"""How fast the search answers with many articles: `script/benchmark search --articles 10000`.

Makes a portal of its own in a throw-away folder (or on DATABASE_URL; on ELASTICSEARCH_URL an index of its own), fills
it with articles of recombined words, and prints how long it takes to index them and what search and suggestions cost
with one client. Judges nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import perf_counter

BATCH = 500
CLIENTS = 8
ROOTS = """access account agent alert archive audit backup batch billing bucket cache calendar catalog certificate check
cluster column connector contract credential dashboard dataset delivery deployment domain driver endpoint error event
export failure federation field filter folder gateway glossary governance graph group health history import index
ingestion instance invoice job key label lineage license limit link log mail mapping mask member metric migration mirror
model monitor network node notebook object organization owner partition password path permission pipeline plan policy
port process profile project proxy quality queue query quota record region release report request resource restore role
rotation rule sample scan schedule schema script secret segment server session setting share signature snapshot source
stage storage stream subscription support sync table tag task team template tenant test threshold ticket token topic
trace training transfer trigger upgrade upload usage user validation version view volume warning webhook workflow
workspace zone""".split()  # noqa: SIM905
MODIFIERS = """broken central daily empty external failed fast federated first hidden hourly internal large last local
manual missing monthly nested new old open partial pending private public remote second secure shared single slow small
stale strict temporary unused weekly""".split()  # noqa: SIM905
VERBS = """add archive change check connect copy create debug delete deploy export find fix import install move publish
read refresh rename renew repair replace reset restore rotate run schedule share split start stop test update""".split()  # noqa: SIM905
GLUE = (
    *("when you want to", "the", "before you", "after the", "if a", "make sure that the", "it is best to"),
    *("you can also", "in the", "for each"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--searches", type=int, default=300)
    options = parser.parse_args()
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="portal-benchmark-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "supportportal.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    chance = random.Random(1)
    fill(options.articles, chance)
    from django.db import connection

    from knowledgebase.search.engines.elastic import indexes
    from knowledgebase.search.upkeep import reindex

    with indexes.aside():
        started = perf_counter()
        _, kept = reindex()
        print(f"{kept:,} articles indexed within {perf_counter() - started:.0f} s")
        with connection.cursor() as cursor:
            # What PostgreSQL does by itself a minute later.
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        with meant(False):
            report("by words", options.searches, chance)
        with meant(True):
            report("by words and meaning", options.searches, chance)
        for is_on in (False, True):
            with meant(is_on):
                report_page(options.searches, "by words and meaning" if is_on else "by words")


@contextmanager
def meant(is_on: bool) -> Iterator[None]:
    from django.conf import settings

    settings.PORTAL_SEMANTIC_SEARCH = is_on
    if is_on:
        from common import embedding

        embedding.load()
    yield


def fill(count: int, chance: random.Random) -> None:
    """Write `count` published articles of 150 to 450 words."""
    from common.time import now
    from knowledgebase.models import Article, Category

    topics = [Category.objects.get_or_create(slug=f"topic-{n}", defaults={"name": f"Topic {n}"})[0] for n in range(12)]
    for first in range(0, count, BATCH):
        Article.objects.bulk_create(
            Article(
                title=title(chance, number),
                slug=f"article-{number}",
                body=(body := text(chance)),
                body_html=f"<p>{body}</p>",
                text=body,
                category=chance.choice(topics),
                tags=chance.sample(ROOTS, 3),
                state=Article.State.PUBLISHED,
                published=True,
                published_at=now(),
                view_count=int(chance.paretovariate(1) * 10) % 10_000,
                helpful_votes=chance.randrange(40),
            )
            for number in range(first, min(first + BATCH, count))
        )
    fill_vectors()


def fill_vectors() -> None:
    import numpy as np

    from common.embedding import DIMENSIONS, digest_of
    from knowledgebase.models import Article, ArticleVector
    from knowledgebase.search.meaning import text_of

    chance, articles = np.random.default_rng(1), Article.objects.only("title", "summary", "text")
    ArticleVector.objects.bulk_create(
        (
            ArticleVector(
                subject=article,
                digest=digest_of(text_of(article)),
                vector=(row / np.linalg.norm(row)).astype("float16").tobytes(),
            )
            for article in articles.iterator()
            if (row := chance.standard_normal(DIMENSIONS)) is not None
        ),
        batch_size=BATCH,
    )


def title(chance: random.Random, number: int) -> str:
    return f"{chance.choice(VERBS).capitalize()} a {chance.choice(MODIFIERS)} {noun(chance)} {noun(chance)} {number}"


def noun(chance: random.Random) -> str:
    """Return a word as texts have them: a few are in many articles, most in few."""
    return ROOTS[min(len(ROOTS) - 1, int(chance.expovariate(0.03)))]


def text(chance: random.Random) -> str:
    """Return an article's text: it speaks of a few things, again and again."""
    things = [noun(chance) for _ in range(8)]
    return " ".join(sentence(chance, things) for _ in range(chance.randrange(12, 36)))


def sentence(chance: random.Random, things: list[str]) -> str:
    parts = [chance.choice(GLUE), chance.choice(VERBS), chance.choice(MODIFIERS), *chance.choices(things, k=2)]
    return f"{' '.join(parts).capitalize()} {chance.choice(GLUE)} {chance.choice(things)}{chance.choice(ROOTS)}."


def report(label: str, count: int, chance: random.Random) -> None:
    from django.contrib.auth.models import AnonymousUser

    from knowledgebase.search import Choice, browse_articles, search_articles, suggest

    guest = AnonymousUser()

    def asked(words: int) -> str:
        return " ".join([chance.choice(VERBS), *(noun(chance) for _ in range(words - 1))])

    def slip(word: str) -> str:
        at = chance.randrange(1, len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    kinds: list[tuple[str, Callable[[], object]]] = [
        ("search, 2 words", lambda: search_articles(asked(2), user=guest)),
        ("search, 4 words", lambda: search_articles(asked(4), user=guest)),
        ("browse, 2 words", lambda: browse_articles(asked(2), user=guest, choice=Choice())),
        ("browse, 4 words", lambda: browse_articles(asked(4), user=guest, choice=Choice())),
        ("browse, within a topic", lambda: browse_articles(asked(3), user=guest, choice=Choice("topic-3"))),
        ("search, a sentence", lambda: search_articles(sentence(chance, [noun(chance), noun(chance)]), user=guest)),
        ("search, within a topic and tag", lambda: search_articles(asked(3), user=guest, tags=(noun(chance),))),
        ("search, a slip", lambda: search_articles(f"{asked(2)} {slip(chance.choice(MODIFIERS))}", user=guest)),
        ("search, tenth page", lambda: search_articles(asked(3), user=guest, offset=90)),
        ("suggest, a beginning", lambda: suggest(noun(chance)[:3], user=guest)),
        ("suggest, two words", lambda: suggest(asked(2)[:-1], user=guest)),
        ("suggest, a slip", lambda: suggest(slip(chance.choice(ROOTS)), user=guest)),
    ]
    print(f"{label:<32}{'p50 ms':>8}{'p95 ms':>8}")
    for label, ask in kinds:
        times = sorted(timed(ask) for _ in range(count))
        print(f"{label:<32}{times[count // 2]:>8.1f}{times[int(count * 0.95)]:>8.1f}")


def report_page(count: int, label: str) -> None:
    """Ask the whole page of a real web process, over the loopback."""
    from multiprocessing import get_context
    from urllib.request import urlopen

    from django.conf import settings
    from django.db import connection, connections

    from knowledgebase.search.engines.elastic.documents import alias

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.PORTAL_SEARCH_ALIAS = alias()  # the threads of the web process know no other way
    connections.close_all()
    if hasattr(connection, "close_pool"):
        connection.close_pool()  # its threads do not come along
    server = get_context("fork").Process(target=serve, args=(port,))
    server.start()
    try:
        chance = random.Random(2)
        paths = [f"/help/search?q={chance.choice(VERBS)}+{noun(chance)}+{noun(chance)}" for _ in range(count + 40)]

        def ask(path: str) -> float:
            return timed(lambda: urlopen(f"http://127.0.0.1:{port}{path}", timeout=30).read())

        until = perf_counter() + 30
        while perf_counter() < until and not answers(port):
            time.sleep(0.2)
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(ask, paths[:40]))
            time.sleep(3)  # until each process has its model
            list(clients.map(ask, paths[:40]))
            started = perf_counter()
            times = sorted(clients.map(ask, paths[40:]))
        print(
            f"the page, {CLIENTS} clients, {label}: p50 {times[len(times) // 2]:.0f} ms, "
            f"p95 {times[int(len(times) * 0.95)]:.0f} ms, {len(times) / (perf_counter() - started):.0f} a second"
        )
    finally:
        server.terminate()
        server.join()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def serve(port: int) -> None:
    """Run the portal's web process with its own settings of gunicorn."""
    from gunicorn.app.wsgiapp import WSGIApplication

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    sys.argv = ["gunicorn", "supportportal.wsgi", "--config", "supportportal/gunicorn.py", "-b", f"127.0.0.1:{port}"]
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]").run()


def timed(ask: Callable[[], object]) -> float:
    """Return milliseconds."""
    started = perf_counter()
    ask()
    return (perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
