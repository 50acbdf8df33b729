"""Where rooms to the right show on an organization's console page what they know of it."""

from accounts.models import Organization
from common.slots import Slot

ORGANIZATION_FACTS: Slot[Organization] = Slot("facts of an organization", shape="[(term, words)]")
