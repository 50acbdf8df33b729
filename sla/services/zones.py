"""New time zone rules come with an upgrade: they are a calendar edit for the zones whose rules changed (T8)."""

from __future__ import annotations

import datetime as dt
import hashlib
import zoneinfo
from importlib.metadata import version

from django.db import transaction

from common.time import now
from sla.models import CalendarVersion, ZoneRules
from sla.services.recalculation import plan_for_zones

# Which years of a zone's rules are compared, and how closely.
FIRST, LAST, STEP = (
    dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    dt.datetime(2038, 1, 1, tzinfo=dt.UTC),
    dt.timedelta(hours=1),
)
SHIPPED = ""  # the row that remembers which data the others were made from


def check_zones() -> list[str]:
    """Plan a recalculation where the shipped zone data says something new of a zone in use; return those zones.

    Where the data is the one that was looked at before, this is one query.
    """
    shipped = version("tzdata")
    seen = ZoneRules.objects.filter(zone_name=SHIPPED).values_list("fingerprint", flat=True).first()
    if seen is not None and _age(shipped) <= _age(seen):
        return []  # looked at before, or by a newer release that runs beside this one
    with transaction.atomic():
        known = dict(ZoneRules.objects.select_for_update().values_list("zone_name", "fingerprint"))
        used = set(CalendarVersion.objects.published().values_list("time_zone", flat=True))
        present = {name: found for name in sorted(used) if (found := fingerprint(name))}
        changed = [name for name, print_ in present.items() if known.get(name, print_) != print_]
        for name, value in {**present, SHIPPED: shipped}.items():
            ZoneRules.objects.update_or_create(zone_name=name, defaults={"fingerprint": value, "checked_at": now()})
        if changed:
            plan_for_zones(changed)
    return changed


def fingerprint(zone_name: str) -> str:
    """Return the digest of the zone's offsets over the years that are compared; "" for a zone that is not shipped."""
    try:
        zone = zoneinfo.ZoneInfo(zone_name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return ""
    digest, at = hashlib.sha256(), FIRST
    while at < LAST:
        digest.update(str(at.astimezone(zone).utcoffset()).encode())
        at += STEP
    return digest.hexdigest()


def _age(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".") if part.isdecimal())
