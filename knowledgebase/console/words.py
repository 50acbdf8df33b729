"""The words that the search is told: what means the same, and what says nothing here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from common.console import ConsoleAdmin, LinesField, two_lines
from knowledgebase.models import SearchStopWord, SearchSynonym
from knowledgebase.search.words import PHRASE_WORDS_MOST, STOP_WORDS, WORD_LENGTH_MOST, split

TERMS_MOST = 20  # as many as one question takes in (words.SYNONYMS_MOST)
TERM_CHARACTERS = 80
LINE_CHARACTERS = SearchSynonym._meta.get_field("terms").max_length or 0


class TermsField(LinesField):
    """Terms, one a line; kept between commas."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) and "\n" not in value:
            value = [term.strip() for term in value.split(",") if term.strip()]
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        """Return the terms in lower case with single blanks. A comma divides as a new line does."""
        lines = [" ".join(line.lower().split()) for line in (value or "").replace(",", "\n").splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != self.to_python(initial))


class SynonymForm(forms.ModelForm):
    terms = TermsField(
        label="Words that mean the same",
        help_text="One a line, two at least: single words or short phrases, such as sso and single sign-on. "
        "Who looks for one of them finds the others too. It counts from the next search on.",
        error_messages={"required": "Give at least two words or phrases, one a line."},
    )

    class Meta:
        model = SearchSynonym
        fields = ("terms",)

    def clean_terms(self) -> str:
        """Return the line to keep. Terms are the same where the search reads them as the same words."""
        terms: list[str] = self.cleaned_data["terms"]
        for term in terms:
            _check_term(term)
        kept = list({_read(term): term for term in reversed(terms)}.values())[::-1]
        if len(kept) < 2:
            raise forms.ValidationError("Give at least two words or phrases that differ, one a line.")
        if len(kept) > TERMS_MOST:
            raise forms.ValidationError(f"Give at most {TERMS_MOST}.")
        line = ", ".join(kept)
        if len(line) > LINE_CHARACTERS:
            raise forms.ValidationError(f"Shorten them to {LINE_CHARACTERS} characters in all.")
        self._refuse_taken(kept)
        return line

    def _refuse_taken(self, terms: list[str]) -> None:
        """Refuse a term that stands elsewhere: two lines that overlap are one that was not put together."""
        wanted = {_read(term): term for term in terms}
        for line in SearchSynonym.objects.exclude(pk=self.instance.pk).values_list("terms", flat=True):
            for other in line.split(","):
                if term := wanted.get(_read(other)):
                    raise forms.ValidationError(f"“{term}” has synonyms already: {line}. Add your words there.")


@admin.register(SearchSynonym)
class SearchSynonymAdmin(ConsoleAdmin):
    form = SynonymForm
    list_before_template = "console/knowledgebase/synonyms_help.html"
    list_display = ("line",)
    search_fields = ("terms",)
    search_help_text = "A word or phrase"

    @display(description="Words that mean the same", ordering="terms")
    def line(self, row: SearchSynonym) -> SafeString:
        first, _, others = row.terms.partition(",")
        return two_lines(first, others.strip())


class StopWordForm(forms.ModelForm):
    word = forms.CharField(
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="A word that nearly every article or question holds, such as the name of the product. It is left "
        "out of a search as long as another word is left. It counts from the next search on.",
        error_messages={"required": "Give a word."},
    )

    class Meta:
        model = SearchStopWord
        fields = ("word",)

    def clean_word(self) -> str:
        """Return the word as the search reads it: in lower case, without accents on Latin letters."""
        typed = self.cleaned_data["word"].strip()
        words = split(typed[:1000])
        if len(words) != 1:
            reason = "Give one word at a time." if words else "A word needs a letter or a digit."
            raise forms.ValidationError(reason)
        (word,) = words
        if len(typed) > WORD_LENGTH_MOST:  # longer ones are cut when they are read
            raise forms.ValidationError(f"Shorten it to {WORD_LENGTH_MOST} letters.")
        if word in STOP_WORDS:
            raise forms.ValidationError(f"“{word}” is left out everywhere already.")
        if SearchStopWord.objects.filter(word__iexact=word).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(f"“{word}” is in the list already.")
        return word


@admin.register(SearchStopWord)
class SearchStopWordAdmin(ConsoleAdmin):
    form = StopWordForm
    list_before_template = "console/knowledgebase/stop_words_help.html"
    list_display = ("word",)
    search_fields = ("word",)


def _read(term: str) -> str:
    return " ".join(split(term))


def _check_term(term: str) -> None:
    words = split(term)
    if not words:
        raise forms.ValidationError(f"“{term}” has no letter or digit.")
    if len(term) > TERM_CHARACTERS:
        raise forms.ValidationError(f"Shorten “{term[:20]}…” to {TERM_CHARACTERS} characters.")
    if len(words) > PHRASE_WORDS_MOST:
        raise forms.ValidationError(f"Shorten “{term[:20]}…” to {PHRASE_WORDS_MOST} words.")
