"""What customers fill in: a new ticket, a reply, the way back to a ticket, a colleague."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser

from accounts.models import ProductArea, Tier, User
from knowledgebase.models import Article
from tickets import guarding
from tickets.fields import custom_form_fields, name_of, read_custom_fields
from tickets.files_form import FilesForm
from tickets.models import CustomField, RequestForm
from tickets.request_rules import missing_of, of_page
from tickets.rules import within_tier
from tickets.services.text import BODY_CHARACTERS_MOST, SUBJECT_CHARACTERS
from tickets.vocabulary import Environment, Priority

SLUG_CHARACTERS = 220
# What comes after the questions about the ticket itself, in this order.
LAST_FIELDS = (
    *("environment", "product_version", "priority", "name", "email", "kept"),
    *("attachments", "website", "is_person", "article"),
)


class TicketForm(FilesForm):
    """A new ticket, with the custom fields that customers fill in."""

    field_order = ("product_area", "subject", "description")

    product_area = forms.ModelChoiceField(
        ProductArea.objects.filter(is_active=True),
        label="What is it about?",
        empty_label="Choose a topic",
        to_field_name="key",
        error_messages={"required": "Choose what it is about", "invalid_choice": "Choose a topic from the list"},
    )
    subject = forms.CharField(
        label="Summary",
        help_text="One sentence, as you would say it to a colleague.",
        min_length=SUBJECT_CHARACTERS[0],
        max_length=SUBJECT_CHARACTERS[1],
        error_messages={
            "required": "Write a summary",
            "min_length": "Write a summary of at least %(limit_value)d characters",
            "max_length": "Shorten the summary to %(limit_value)d characters, it has %(show_value)d",
        },
    )
    description = forms.CharField(
        label="Details",
        help_text="Steps, exact error text, and when it started. Do not paste passwords or personal data.",
        max_length=BODY_CHARACTERS_MOST,
        widget=forms.Textarea,
        error_messages={
            "required": "Describe what happened and what you expected",
            "max_length": "Shorten the details to %(limit_value)d characters, they have %(show_value)d",
        },
    )
    environment = forms.ChoiceField(
        label="Where does it happen?", choices=[("", "I do not know"), *Environment.choices], required=False
    )
    product_version = forms.CharField(
        label="Version", help_text="As the page About shows it, for example 1.8.0.", max_length=40, required=False
    )

    # The address of the help article that its reader came from.
    article = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, user: User | None = None, request_form: RequestForm | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reader = user or AnonymousUser()
        self.request_form = request_form
        self.rules = request_form.rules if request_form else []
        self.custom_rows = self._rows()
        more = custom_form_fields(self.custom_rows)
        self._narrow(more)
        if user is None:
            more |= _guest_fields()
        else:
            more["priority"] = _priority_field(user)
        self.fields.update(more)
        self.order_fields([*self.field_order, *(name for name in more if name not in LAST_FIELDS), *LAST_FIELDS])

    def _rows(self) -> list[CustomField]:
        """Return the custom fields that are asked: those of the form in its order, or all where there is none."""
        rows = CustomField.objects.filter(is_active=True, is_customer_editable=True, is_customer_visible=True)
        if self.request_form is None:
            return list(rows)
        by_key = {row.key: row for row in rows}
        return [by_key[rule.key] for rule in self.rules if rule.key in by_key]

    def _narrow(self, custom: dict[str, forms.Field]) -> None:
        """Make the fields those of the request form: whether one must be answered depends on the other answers."""
        if self.request_form is None:
            return
        if areas := self.request_form.areas:
            among = ProductArea.objects.filter(pk__in=[area.pk for area in areas])
            self.fields["product_area"].queryset = among  # type: ignore[attr-defined]
            if len(areas) == 1:
                self.initial["product_area"] = areas[0].key
        always = {rule.key for rule in self.rules if rule.is_required and not rule.on}
        sometimes = {rule.key for rule in self.rules if rule.on and (rule.is_required or rule.is_required_then)}
        for row in self.custom_rows:
            custom[name_of(row)].required = row.key in always and row.kind != CustomField.Kind.BOOLEAN
            custom[name_of(row)].is_needed_then = row.key in sometimes  # type: ignore[attr-defined]  # for field.html

    @property
    def conditions(self) -> dict[str, dict[str, Any]]:
        """What the page's script hides, as request_rules.of_page has it."""
        return of_page(self.rules, {row.key: name_of(row) for row in self.custom_rows})

    def _require(self, cleaned: dict[str, Any]) -> None:
        """Say which answers are missing, as the others want them."""
        area = cleaned.get("product_area")
        answers = {
            **{"product_area": area and area.key, "environment": cleaned.get("environment")},
            **{"priority": cleaned.get("priority"), **read_custom_fields(self.custom_rows, cleaned)},
        }
        missing = missing_of(self.rules, answers)
        for row in self.custom_rows:
            if row.key in missing and name_of(row) not in self.errors:
                self.add_error(name_of(row), f"Answer: {row.label}")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._require(cleaned)
        if "website" not in self.fields:
            return cleaned
        is_trapped = guarding.is_trapped(self.data.get("token", ""), self.data.get("website", ""))
        if is_trapped and not cleaned.get("is_person"):
            self.is_doubtful = True
            self.add_error("is_person", "Tick the box to show that a person sent this, then send it again")
        return cleaned

    def clean_article(self) -> Article | None:
        return self.article_of(self.cleaned_data["article"])

    def article_of(self, slug: str) -> Article | None:
        """Return the article at this address; None where the person may not read it, or there is none."""
        articles = Article.objects.visible_to(self.reader).published()
        return articles.filter(slug=slug[:SLUG_CHARACTERS]).first() if slug else None

    def ticket_fields(self) -> dict[str, Any]:
        """Return what services.open_ticket takes, without who asks."""
        names = ("subject", "description", "product_area", "environment", "product_version", "article")
        return {
            **{name: self.cleaned_data[name] for name in names},
            "priority": self.cleaned_data.get("priority") or None,
            "request_form": self.request_form,
            "custom_fields": read_custom_fields(self.custom_rows, self.cleaned_data),
            "files": self.uploads(),
        }

    is_doubtful = False

    @property
    def shown(self) -> list[forms.BoundField]:
        hidden = {"website"} if self.is_doubtful else {"website", "is_person"}
        return [field for field in super().shown if field.name not in hidden]

    def keep_files(self) -> None:
        super().keep_files()
        # What a robot put into the trap must not be sent again with the person's own try.
        self.sent()["website"] = ""


class ReplyForm(FilesForm):
    field_order = ("token", "body", "kept", "attachments")

    body = forms.CharField(
        label="Your message",
        max_length=BODY_CHARACTERS_MOST,
        widget=forms.Textarea,
        error_messages={
            "required": "Write a message first",
            "max_length": "Shorten the message to %(limit_value)d characters, it has %(show_value)d",
        },
    )


class FindTicketForm(forms.Form):
    reference = forms.CharField(
        label="Reference",
        help_text="It stands in the subject of our emails, like ODG-1042.",
        max_length=40,
        error_messages={"required": "Enter the reference of your ticket"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label="Email address you wrote from",
        error_messages={
            "required": "Enter the email address you wrote from",
            "invalid": "Enter an email address with a domain, like name@example.org",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ColleagueForm(forms.Form):
    email = forms.EmailField(
        label="Your colleague's email address",
        help_text="They see everything on this ticket from then on and get its emails.",
        error_messages={
            "required": "Enter your colleague's email address",
            "invalid": "Enter an email address with a domain, like name@example.org",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


def _guest_fields() -> dict[str, forms.Field]:
    """Return what is asked of somebody we do not know, and what keeps robots out."""
    return {
        "name": forms.CharField(
            label="Your name",
            max_length=150,
            error_messages={"required": "Enter your name"},
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
        ),
        "email": forms.EmailField(
            label="Your email address",
            help_text="The answer goes here, with a private link to follow the ticket.",
            error_messages={
                "required": "Enter your email address",
                "invalid": "Enter an email address with a domain, like name@example.org",
            },
            widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        ),
        "website": forms.CharField(label="Leave this field empty", required=False, max_length=200),
        "is_person": forms.BooleanField(
            label="I am a person",
            help_text="Something about the form looked as if a program had filled it in.",
            required=False,
        ),
    }


def _priority_field(user: User) -> forms.Field:
    """Return the choice of priorities that the person's plan allows."""
    tier = user.organization.tier if user.organization else Tier.COMMUNITY
    allowed = [(value, label) for value, label in Priority.choices if within_tier(value, tier) == value]
    return forms.ChoiceField(
        label="Priority",
        help_text="Leave it open and we work it out from what you wrote.",
        choices=[("", "You decide"), *allowed],
        required=False,
    )
