"""What the API says of tickets, and what it takes. Shape only: every write is a service's."""
