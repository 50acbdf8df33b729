"""How good the help was, in the eyes of whoever asked for it: a survey after a ticket is solved, and its rating.

Rows and decisions are here; what writes them is services/satisfaction.py.
"""
