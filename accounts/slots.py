"""Where rooms to the right show on the console pages of organizations and people what they know of them."""

from accounts.models import Organization, User
from common.slots import Slot

ORGANIZATION_FACTS: Slot[Organization] = Slot("facts of an organization", shape="[(term, words)]")
PERSON_NOTICES: Slot[User] = Slot("what whoever looks at a person has to know", shape="words or safe HTML")
