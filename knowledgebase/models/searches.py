"""What is looked for and what is opened of it: numbers by day, in UTC, and nobody's name."""

from __future__ import annotations

from django.db import models

from knowledgebase.models.articles import Article

TEXT_CHARACTERS = 100


class SearchFigures(models.Model):
    """Of how many visitors something is true on a day; the members are those of `counting.Figures`."""

    day = models.DateField()
    count = models.PositiveIntegerField(default=0)
    empty_count = models.PositiveIntegerField(default=0)
    offered_count = models.PositiveIntegerField(default=0)
    opened_count = models.PositiveIntegerField(default=0)
    result_count = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day}: {self.count}"


class SearchDay(SearchFigures):
    """All searches of a day. It is kept when their texts are not any more."""

    day = models.DateField(primary_key=True)

    class Meta:
        db_table = "kb_search_days"


class DailySearch(SearchFigures):
    """The searches of a day for one text, as `masking.counted_text` has it."""

    text = models.CharField(max_length=TEXT_CHARACTERS)

    class Meta:
        db_table = "kb_daily_searches"
        constraints = [models.UniqueConstraint(fields=["day", "text"], name="daily_search_once")]


class SearchOpening(models.Model):
    """How many visitors of a day opened an article at that place, counted from 1, among the results for a text."""

    day = models.DateField()
    text = models.CharField(max_length=TEXT_CHARACTERS)
    article = models.ForeignKey(Article, models.CASCADE, related_name="search_openings")
    place = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "kb_search_openings"
        constraints = [
            models.UniqueConstraint(fields=["day", "text", "article", "place"], name="search_opening_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.text}, {self.place}"
