"""People, organizations, and what agents are sorted by, in the console."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.admin import TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from accounts import out_of_office, services
from accounts.access import ABSENCE, may_set_roles
from accounts.models import STAFF_ROLES, Organization, OrganizationDomain, ProductArea, Role, Skill, Team, User
from accounts.out_of_office import absence_words, colleagues
from accounts.roles import reach_words
from accounts.slots import ORGANIZATION_FACTS, PERSON_NOTICES
from common.console import ConsoleAdmin, LinesField, add_pages, changed_values, glyph_and_word, one_of, two_lines

# Rows that others' apps show by default and that only their own code writes; and roles, which get our look.
for model in (EmailAddress, EmailConfirmation, BlacklistedToken, OutstandingToken, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

add_pages([("out-of-office/", out_of_office.page, "accounts_out_of_office")])


class DomainForm(forms.ModelForm):
    def clean_domain(self) -> str:
        domain: str = self.cleaned_data["domain"].strip().lower().removeprefix("@")
        return domain


class DomainInline(TabularInline):
    model = OrganizationDomain
    form = DomainForm
    extra = 1
    hide_title = True
    verbose_name = "domain"
    verbose_name_plural = "Mail domains"

    def _may(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("accounts.change_organization")

    has_add_permission = has_change_permission = has_delete_permission = _may

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("accounts.view_organization")


@admin.register(Organization)
class OrganizationAdmin(ConsoleAdmin):
    list_display = ("name", "tier_word", "hours", "success_manager", "next_review_on")
    list_filter = ("tier", "success_manager")
    list_select_related = ("success_manager",)
    search_fields = ("name", "domains__domain")
    autocomplete_fields = ("success_manager",)
    inlines = (DomainInline,)
    columns = (
        *("name", "tier", "is_joined_by_domain", "max_tickets_per_month", "support_hours_included"),
        *("support_hours_used", "support_hours_reset_on", "success_manager", "slack_channel_id"),
        *("next_review_on", "time_zone"),
    )
    readonly_fields = ("facts", "hours")
    fieldsets = (
        (None, {"fields": ("name", "tier", "facts")}),
        (
            "Contract",
            {
                "fields": (
                    "max_tickets_per_month",
                    "hours",
                    "support_hours_included",
                    "support_hours_used",
                    "support_hours_reset_on",
                )
            },
        ),
        (
            "Contact",
            {"fields": ("success_manager", "next_review_on", "slack_channel_id", "time_zone", "is_joined_by_domain")},
        ),
    )

    @display(description="Tier", ordering="tier")
    def tier_word(self, organization: Organization) -> str:
        return organization.get_tier_display()

    @display(description="Support hours", ordering="support_hours_used")
    def hours(self, organization: Organization) -> str:
        included = organization.support_hours_included
        return f"{organization.support_hours_used} used" + (f" of {included}" if included is not None else ", no limit")

    @display(description="Tickets")
    def facts(self, organization: Organization) -> SafeString | str:
        """Tell what the rooms to the right know, such as the month's tickets against the quota."""
        if organization.pk is None:
            return "-"
        answers = ORGANIZATION_FACTS.ask([organization])[organization.pk]
        rows = [fact for answer in answers for fact in answer]
        return format_html_join(SafeString("<br>"), "{}: {}", rows) or "-"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Leave the writing to save_related, where the domains are known as well."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        domains = [
            row["domain"]
            for formset in formsets
            for row in formset.cleaned_data
            if row.get("domain") and not row.get("DELETE")
        ]
        values = changed_values(form, self.columns)
        if change:
            services.change_organization(form.instance, by=request.user, domains=domains, **values)  # type: ignore[arg-type]
        else:
            made = services.create_organization(by=request.user, domains=domains, **values)  # type: ignore[arg-type]
            form.instance.pk = made.pk

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The journal has it, with the old and new values."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:
        return super().construct_change_message(request, form, [], add)  # the formset was not saved by itself

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RoleFilter(admin.SimpleListFilter):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Role.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


class UserForm(forms.ModelForm):
    """A person without a password: whoever gets the mail of the address signs in with the code in it."""

    role = forms.ChoiceField(
        choices=Role.choices,
        initial=Role.CUSTOMER,
        widget=UnfoldAdminSelectWidget,
        help_text="Everybody but customers may enter the console. They sign in with a code sent to the address.",
    )
    teams = forms.ModelMultipleChoiceField(Team.objects, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget)
    skills = forms.ModelMultipleChoiceField(
        Skill.objects, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.update(role=role_of(self.instance), teams=list(self.instance.teams.all()))
        if "stand_in" in self.fields:
            self.fields["stand_in"].queryset = colleagues(self.instance)  # type: ignore[attr-defined]


@admin.register(User)
class UserAdmin(ConsoleAdmin):
    """Only who may set roles touches staff beyond their teams, skills and availability: an address is a way in."""

    form = UserForm
    list_display = ("person", "organization", "role_word", "availability_word", "is_active")
    list_filter = (RoleFilter, "availability", "is_active", "organization__tier")
    list_select_related = ("organization", "stand_in")
    search_fields = ("name", "email")
    autocomplete_fields = ("organization",)
    columns = (
        *("email", "name", "organization", "is_organization_admin", "availability", "time_zone", "language"),
        *("is_mailed_replies", "is_mailed_status", "is_active", "away_until", "stand_in"),
    )
    fieldsets = (
        (None, {"fields": ("name", "email", "role", "is_active")}),
        ("Customer", {"fields": ("organization", "is_organization_admin")}),
        ("Agent", {"fields": ("availability", "away_until", "stand_in", "teams", "skills")}),
        ("Preferences", {"fields": ("time_zone", "language", "is_mailed_replies", "is_mailed_status")}),
    )
    add_fieldsets = (
        (None, {"fields": ("name", "email", "role", "organization", "is_organization_admin", "teams", "skills")}),
    )
    OPEN_TO_SUPERVISORS = ABSENCE | {"teams", "skills"}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        person = self.get_object(request, object_id) if request.method == "GET" else None
        for words in PERSON_NOTICES.ask([person])[person.pk] if person else []:
            self.message_user(request, words, messages.WARNING)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if may_set_roles(request.user):  # type: ignore[arg-type]
            return ()
        if obj is not None and obj.is_staff:
            return tuple(name for name in ("role", *self.columns) if name not in self.OPEN_TO_SUPERVISORS)
        return ("role",)

    def role(self, user: User) -> str:
        """Show the role where it cannot be changed."""
        return Role(role_of(user)).label

    @display(description="Person", ordering="name")
    def person(self, user: User) -> SafeString:
        return two_lines(user.name, user.email)

    @display(description="Role")
    def role_word(self, user: User) -> str:
        return self.role(user)

    @display(description="Availability", ordering="availability")
    def availability_word(self, user: User) -> SafeString | str:
        if not user.is_staff:
            return "-"
        if user.is_away:
            return glyph_and_word("grey", "clock", absence_words(user))
        return glyph_and_word("green", "circle-check", User.Availability.AVAILABLE.label)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        role = Role(one_of(form.cleaned_data.get("role") or role_of(obj), Role.values, "role"))
        by: User = request.user  # type: ignore[assignment]
        if change:
            values = changed_values(form, self.columns)
            if "email" in values:
                values["email"] = services.normalize_email(values["email"])
            saved = services.change_user(obj, by=by, **values)
            if role != role_of(saved):
                services.set_role(saved, role=role, by=by)
        else:
            values = {name: form.cleaned_data[name] for name in ("organization", "is_organization_admin")}
            fields = form.cleaned_data
            saved = services.create_user(email=fields["email"], name=fields["name"], role=role, by=by, **values)
        obj.pk = saved.pk
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        for name in ("teams", "skills"):
            if name in form.cleaned_data and name in form.changed_data:
                getattr(form.instance, name).set(form.cleaned_data[name])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def role_of(user: User) -> str:
    """Return the name of the person's role; customer where they have none."""
    names = {group.name for group in user.groups.all()}
    return next(
        (role.value for role in (*sorted(STAFF_ROLES), Role.CUSTOMER) if role.value in names), Role.CUSTOMER.value
    )


@admin.register(Group)
class RoleAdmin(GroupAdmin, ConsoleAdmin):  # type: ignore[misc]
    """What each role may do. The four roles themselves are given by the portal."""

    fields = ("name", "reach", "permissions")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name", "reach")

    @display(description="Tickets")
    def reach(self, group: Group) -> str:
        """Say which tickets the role sees and works."""
        return reach_words(set(group.permissions.values_list("codename", flat=True)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Team)
class TeamAdmin(ConsoleAdmin):
    list_display = ("name", "people")
    search_fields = ("name",)
    autocomplete_fields = ("members",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("members")

    @display(description="Members")
    def people(self, team: Team) -> str:
        return ", ".join(str(member) for member in team.members.all()) or "Nobody"


@admin.register(Skill)
class SkillAdmin(ConsoleAdmin):
    list_display = ("name", "key")
    search_fields = ("name",)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"key": ("name",)}


class ProductAreaForm(forms.ModelForm):
    aliases = LinesField(required=False, help_text="Older spellings that input may use, one a line.")

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"].strip().upper().replace(" ", "_").replace("-", "_")
        return key

    def clean_aliases(self) -> list[str]:
        return [alias.upper() for alias in self.cleaned_data["aliases"]]


@admin.register(ProductArea)
class ProductAreaAdmin(ConsoleAdmin):
    form = ProductAreaForm
    list_display = ("name", "key", "team", "position", "is_active")
    list_select_related = ("team",)
    search_fields = ("name", "key")
    autocomplete_fields = ("skills", "team")
