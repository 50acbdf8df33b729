"""The staff console's frame: Django admin dressed by unfold, its colours and its navigation."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig

PETROL = {
    **{"50": "#f0f9fc", "100": "#def2f7", "200": "#c2e6ef", "300": "#9ad3e1", "400": "#68b7ca", "500": "#3c9aaf"},
    **{"600": "#00697c", "700": "#005767", "800": "#004450", "900": "#03343d", "950": "#032229"},
}
INK = {
    **{"50": "#f7fafb", "100": "#f0f4f6", "200": "#e1e8ea", "300": "#cbd6d9", "400": "#94a1a5", "500": "#647176"},
    **{"600": "#47555a", "700": "#344247", "800": "#1d292d", "900": "#101b1e", "950": "#081013"},
}

UNFOLD = {
    "SITE_TITLE": "Support Portal",
    "SITE_HEADER": "Support Portal",
    "COLORS": {"primary": PETROL, "base": INK},
}


class ConsoleConfig(AdminConfig):
    default_site = "unfold.sites.UnfoldAdminSite"
