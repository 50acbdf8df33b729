"""The console's pages of tickets: the queue and the ticket page. Every change goes through tickets.services."""
