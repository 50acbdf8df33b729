"""The customers' pages of tickets."""
