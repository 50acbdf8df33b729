"""The forms that a request can be sent in."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import ANY_SCOPE, ANYBODY
from common.views import PortalViewSet
from tickets.models import RequestForm
from tickets.serializers.request_forms import RequestFormSerializer


class RequestFormViewSet(PortalViewSet):
    """Forms by kind of request, each with the custom fields that it asks and when."""

    scope = ANY_SCOPE
    permission_classes = ANYBODY
    serializer_class = RequestFormSerializer
    ordering_fields = {"position": "position", "name": "name"}
    default_ordering = ("position",)

    def list(self, request: Request) -> Response:
        """List the forms that the caller may use: `POST /tickets` takes one as `form`."""
        person = request.user if request.user.is_authenticated else None
        return self.answer_page(RequestForm.objects.open_to(person).prefetch_related("fields__field", "product_areas"))
