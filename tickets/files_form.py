"""A form with files: judged when they arrive, and kept over a refusal so that nobody has to choose them again."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from common.errors import Invalid
from common.templatetags.portal import filesize_short
from common.uploads import harmless_name, inspect
from tickets import guarding, keeping

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
    attachments = FilesField()
    kept = KeptField(
        label="Files we already have",
        help_text="Untick what you do not want to send. You need not choose them again.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].initial = guarding.new_token
        references = self.sent().getlist(self.add_prefix("kept")) if self.is_bound else []
        found = [keeping.find(reference) for reference in references[:20]]
        self.kept_files = [kept for kept in found if kept is not None]
        self.n_gone = len(found) - len(self.kept_files)
        self._opened: list[UploadedFile] = []
        self._offer_kept()

    def clean_kept(self) -> list[keeping.Kept]:
        return self.kept_files

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        most = settings.PORTAL_ATTACHMENTS_PER_MESSAGE
        if len(self.kept_files) + len(cleaned.get("attachments") or []) > most:
            self.add_error("attachments", f"Attach at most {most} files")
        if self.n_gone:
            self.add_error("attachments", "The files from before are gone after this time, choose them again")
        return cleaned

    def uploads(self) -> list[UploadedFile]:
        """Return what is to be attached: the files kept from before and those just sent. To be closed with close()."""
        self._opened = [kept.open() for kept in self.kept_files]
        return self._opened + list(self.cleaned_data["attachments"])

    def close(self) -> None:
        for upload in self._opened:
            upload.close()

    def keep_files(self) -> None:
        """Store the files of a refused form, so that they come along when it is sent again."""
        field = self.fields["attachments"]
        room = settings.PORTAL_ATTACHMENTS_PER_MESSAGE - len(self.kept_files)
        for upload in getattr(field, "accepted", [])[: max(0, room)]:
            if kept := keeping.keep(upload):
                self.kept_files.append(kept)
        self._offer_kept()
        data = self.sent().copy()
        data.setlist(self.add_prefix("kept"), [kept.reference for kept in self.kept_files])
        if not guarding.is_ours(data.get("token", "")):
            data["token"] = guarding.new_token()
        self.data = data

    def form_token(self) -> uuid.UUID:
        """Return the name of this form and its content: the same for the same thing sent twice."""
        content = [(key, values) for key, values in sorted(self.sent().lists()) if key != "csrfmiddlewaretoken"]
        names = [(upload.name, upload.size) for upload in self.files.getlist(self.add_prefix("attachments"))]
        return guarding.once_token(self.data.get("token", ""), repr((content, names)))

    def sent(self) -> QueryDict:
        """Return what came with a bound form, as browsers send it."""
        return cast("QueryDict", self.data)

    def _offer_kept(self) -> None:
        choices = [
            (kept.reference, f"{harmless_name(kept.name)}, {filesize_short(kept.size)}") for kept in self.kept_files
        ]
        self.fields["kept"].choices = choices  # type: ignore[attr-defined]

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields to draw, in order; those without a purpose now are left out."""
        return [field for field in self if field.name != "kept" or self.kept_files]
