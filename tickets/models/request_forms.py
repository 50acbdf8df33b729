"""Forms for kinds of requests, each with the fields that its kind needs."""

from __future__ import annotations

from django.db import models

from accounts.models import ProductArea, Team, User
from tickets import request_rules
from tickets.models.tickets import CustomField


class RequestFormQuerySet(models.QuerySet["RequestForm"]):
    def open_to(self, user: User | None) -> RequestFormQuerySet:
        """Return the forms that `user`, None for a guest, may use."""
        forms = self.filter(is_active=True)
        return forms if user is not None else forms.filter(is_for_signed_in=False)

    def offered_to(self, user: User | None) -> list[RequestForm]:
        """Return the same with their fields."""
        return list(self.open_to(user).prefetch_related("fields__field", "product_areas"))


class RequestForm(models.Model):
    """What customers choose from before they ask. product_areas: offered in it; all where it names none."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    description = models.CharField(max_length=200, blank=True, help_text="What it is for, as customers read it.")
    introduction = models.TextField(
        max_length=1000,
        blank=True,
        default="",
        db_default="",
        help_text="What customers read above the fields: what to have at hand, what happens next. Plain text.",
    )
    product_areas = models.ManyToManyField(ProductArea, blank=True, related_name="+")
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="+", help_text="Gets the tickets; else the area's."
    )
    is_for_signed_in = models.BooleanField("only for who is signed in", default=False)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    objects = RequestFormQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def rules(self) -> list[request_rules.Asked]:
        """The rules of its active fields, in their order."""
        return [row.rule for row in self.fields.all() if row.field.is_active]

    @property
    def areas(self) -> list[ProductArea]:
        """The areas it is offered in; empty for all."""
        return [area for area in self.product_areas.all() if area.is_active]


class RequestFormField(models.Model):
    """A custom field in a form, and when it is asked. depends_on: a field's key, or one of request_rules.BUILT_IN."""

    form = models.ForeignKey(RequestForm, models.CASCADE, related_name="fields")
    field = models.ForeignKey(CustomField, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=100)
    is_required = models.BooleanField("must be answered", default=False)
    depends_on = models.CharField(
        max_length=50, blank=True, help_text="Another field's key, or product_area, environment, priority."
    )
    values = models.CharField(
        "answers",
        max_length=300,
        blank=True,
        help_text="Separated by commas; yes or no for ticks.",
    )
    is_required_then = models.BooleanField(
        "the answers make it required", default=False, help_text="Else the answers decide whether it is asked at all."
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["form", "field"], name="request_form_field_once")]

    def __str__(self) -> str:
        return str(self.field)

    @property
    def rule(self) -> request_rules.Asked:
        values = tuple(value.strip() for value in self.values.split(",") if value.strip())
        return request_rules.Asked(
            self.field.key, self.is_required, self.depends_on.strip(), values, self.is_required_then
        )
