from integrations.webhooks.tests.receiver import made, receiver, secret, webhook  # noqa: F401 - fixtures
