from common.journal import declare

USER_CREATED = declare("user.created", "was added", email="address", role="name of the role")
USER_CHANGED = declare("user.changed", "changed a person", changes="field -> {from, to}")
WENT_AWAY = declare(
    "user.went_away", "is away", until="instant or null", stand_in="id or null", name="of the stand-in, or empty"
)
CAME_BACK = declare("user.came_back", "is back", until="the end that had been named, or null")
ROLE_CHANGED = declare("user.role_changed", "changed the role", role="{from, to}")
ORGANIZATION_CREATED = declare("organization.created", "added the organization", name="text", tier="Tier")
ORGANIZATION_CHANGED = declare("organization.changed", "changed the organization", changes="field -> {from, to}")
ORGANIZATION_JOINED = declare("organization.joined", "joined the organization", organization="id", domain="text")
TOKEN_CREATED = declare("token.created", "made an access token", token="id", name="text", scopes="list of text")
TOKEN_REVOKED = declare("token.revoked", "revoked an access token", token="id")
