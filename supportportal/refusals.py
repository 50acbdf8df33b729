"""What Django itself refuses: a page for people, a problem body under /api."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from common import problems
from common.middleware import is_api, unavailable


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problems.problem_400(request, exception) if is_api(request) else defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return problems.problem_403(request, exception)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problems.problem_404(request, exception) if is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault; a database that went away outside a view is no fault of the page."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    return problems.problem_500(request) if is_api(request) else defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if is_api(request):
        return problems.problem_csrf(request, reason)
    return render(request, "403_csrf.html", status=403)
