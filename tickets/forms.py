"""What customers fill in: a new ticket, a reply, the way back to a ticket, a colleague."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse_lazy

from accounts.models import ProductArea, Tier, User
from common.errors import Invalid
from common.templatetags.portal import filesize_short
from common.uploads import harmless_name, inspect
from tickets import guarding, keeping
from tickets.fields import custom_form_fields, read_custom_fields
from tickets.models import CustomField
from tickets.rules import within_tier
from tickets.services.text import BODY_CHARACTERS_MOST, SUBJECT_CHARACTERS
from tickets.vocabulary import Environment, Priority

FILES_HINT = "Images, PDF, office documents, text, logs, CSV, JSON or ZIP. Up to {} files, {} MB each."
ACCEPTED = (
    ".png,.jpg,.jpeg,.gif,.webp,.pdf,.zip,.docx,.xlsx,.pptx,.odt,.ods,.odp,.gz,.tgz,"
    ".txt,.log,.csv,.json,.md,.yaml,.yml,.xml,.conf,.ini,.toml,.sql,.py"
)


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return files.getlist(name) if hasattr(files, "getlist") else list(files.get(name) or [])


class KeptField(forms.MultipleChoiceField):
    """References to kept files. One that is gone is no wrong choice of the person: the form says what to do."""

    def valid_value(self, value: Any) -> bool:
        return True


class FilesField(forms.FileField):
    """Several files. Those that are refused are told by name; the others stay in `accepted`."""

    def __init__(self) -> None:
        most, size = settings.PORTAL_ATTACHMENTS_PER_MESSAGE, settings.PORTAL_ATTACHMENT_LIMIT_BYTES
        super().__init__(
            label="Attachments",
            required=False,
            help_text=FILES_HINT.format(most, size // (1024 * 1024)),
            widget=ManyFilesInput(attrs={"accept": ACCEPTED, "data-max-files": most, "data-max-bytes": size}),
        )

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        self.accepted: list[UploadedFile] = []
        refusals = []
        for upload in data or []:
            try:
                inspect(upload)
            except Invalid as refusal:
                refusals.append(refusal.message)
            else:
                self.accepted.append(upload)
        if refusals:
            raise ValidationError(refusals)
        return self.accepted


class FilesForm(forms.Form):
    """A form with files that outlive a refusal: see tickets/keeping.py."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    files = FilesField()
    kept = KeptField(
        label="Files we already have",
        help_text="Untick what you do not want to send. You need not choose them again.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = guarding.new_token
        references = self.data.getlist(self.add_prefix("kept")) if hasattr(self.data, "getlist") else []
        found = [keeping.find(reference) for reference in references[:20]]
        self.kept = [kept for kept in found if kept is not None]
        self.n_gone = len(found) - len(self.kept)
        self._opened: list[UploadedFile] = []
        self._offer_kept()

    def clean_kept(self) -> list[keeping.Kept]:
        return self.kept

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        most = settings.PORTAL_ATTACHMENTS_PER_MESSAGE
        if len(self.kept) + len(cleaned.get("files") or []) > most:
            self.add_error("files", f"Attach at most {most} files")
        if self.n_gone:
            self.add_error("files", "The files from before are gone after this time, choose them again")
        return cleaned

    def uploads(self) -> list[UploadedFile]:
        """Return what is to be attached: the files kept from before and those just sent. To be closed with close()."""
        self._opened = [kept.open() for kept in self.kept]
        return self._opened + list(self.cleaned_data["files"])

    def close(self) -> None:
        for upload in self._opened:
            upload.close()

    def keep_files(self) -> None:
        """Store the files of a refused form, so that they come along when it is sent again."""
        field = self.fields["files"]
        room = settings.PORTAL_ATTACHMENTS_PER_MESSAGE - len(self.kept)
        for upload in getattr(field, "accepted", [])[: max(0, room)]:
            if kept := keeping.keep(upload):
                self.kept.append(kept)
        self._offer_kept()
        data = self.data.copy()
        data.setlist(self.add_prefix("kept"), [kept.reference for kept in self.kept])
        if not guarding.is_ours(data.get("token", "")):
            data["token"] = guarding.new_token()
        self.data = data

    def form_token(self) -> uuid.UUID:
        """Return the name of this form and its content: the same for the same thing sent twice."""
        content = [(key, values) for key, values in sorted(self.data.lists()) if key != "csrfmiddlewaretoken"]
        names = [(upload.name, upload.size) for upload in self.files.getlist(self.add_prefix("files"))]
        return guarding.once_token(self.data.get("token", ""), repr((content, names)))

    def _offer_kept(self) -> None:
        choices = [(kept.reference, f"{harmless_name(kept.name)}, {filesize_short(kept.size)}") for kept in self.kept]
        self.fields["kept"].choices = choices  # type: ignore[attr-defined]

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields to draw, in order; those without a purpose now are left out."""
        return [field for field in self if field.name != "kept" or self.kept]


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
        widget=forms.TextInput(
            attrs={
                "hx-get": reverse_lazy("ticket-suggestions"),
                "hx-trigger": "input changed delay:400ms",
                "hx-target": "#suggestions",
            }
        ),
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

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = CustomField.objects.filter(is_active=True, is_customer_editable=True, is_customer_visible=True)
        self.custom_rows = list(rows)
        more = custom_form_fields(self.custom_rows)
        if user is None:
            more |= _guest_fields()
        else:
            more["priority"] = _priority_field(user)
        self.fields.update(more)
        last = ("environment", "product_version", "priority", "name", "email", "kept", "files", "website", "is_person")
        self.order_fields([*self.field_order, *(name for name in more if name not in last), *last])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "website" not in self.fields:
            return cleaned
        is_trapped = guarding.is_trapped(self.data.get("token", ""), self.data.get("website", ""))
        if is_trapped and not cleaned.get("is_person"):
            self.is_doubtful = True
            self.add_error("is_person", "Tick the box to show that a person sent this, then send it again")
        return cleaned

    def ticket_fields(self) -> dict[str, Any]:
        """Return what services.open_ticket takes, without who asks."""
        names = ("subject", "description", "product_area", "environment", "product_version")
        return {
            **{name: self.cleaned_data[name] for name in names},
            "priority": self.cleaned_data.get("priority") or None,
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
        self.data["website"] = ""


class ReplyForm(FilesForm):
    field_order = ("token", "body", "kept", "files")

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
