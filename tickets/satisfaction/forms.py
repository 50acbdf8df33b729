"""Five faces and a comment."""

from __future__ import annotations

from typing import Any

from django import forms

from tickets.satisfaction.rules import COMMENT_CHARACTERS_MOST
from tickets.satisfaction.vocabulary import FACES


class RatingForm(forms.Form):
    use_required_attribute = False

    rating = forms.TypedChoiceField(
        label="Your rating",
        coerce=int,
        choices=[(face.rating, face.word) for face in FACES.values()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the five faces", "invalid_choice": "Choose one of the five faces"},
    )
    feedback = forms.CharField(
        label="What made it so?",
        help_text="Only the support team reads this. Please leave out passwords and personal data.",
        required=False,
        max_length=COMMENT_CHARACTERS_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": "Shorten it to %(limit_value)d characters, it has %(show_value)d"},
    )

    def said(self) -> dict[str, Any]:
        """Return what services.rate_ticket takes."""
        return {"rating": self.cleaned_data["rating"], "comment": self.cleaned_data["feedback"]}

    def faces(self) -> list[dict[str, Any]]:
        """Return the choices with their faces, the worst first. Shape: {"face", "id", "is_chosen"}."""
        chosen = str(self["rating"].value() or "")
        return [
            {"face": face, "id": f"{self['rating'].auto_id}_{place}", "is_chosen": str(face.rating) == chosen}
            for place, face in enumerate(FACES.values())
        ]
