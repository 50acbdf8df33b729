"""Choosing the agent for a ticket: by skills, in turn, or whoever has the fewest open tickets."""
