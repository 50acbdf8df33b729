"""Show times in the zone of the person who reads: their own, else their organization's, else the portal's."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class PersonTimeZoneMiddleware:
    """The zone is found when a page first shows a time, so that requests without pages pay nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        timezone.deactivate()
        if request.path.startswith("/api/") or not request.user.is_authenticated:
            return
        timezone.activate(request.user.zone_name)
