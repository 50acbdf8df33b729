"""The support team's work in numbers, for the dashboard, files, the API and the weekly mail.

Each report is grouped SQL over the tickets that its reader may see; `catalogue.REPORTS` names them all. What the room
to the right knows of promises comes through slots.PROMISES_KEPT.
"""
