"""Whether articles offered in the ticket form spare tickets: forms begun, with and without them, and what came of each.

A form has one row for a week, which names nobody. After that it is a number in the sums of its day.
"""
