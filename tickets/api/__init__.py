"""Tickets over HTTP: parse, ask access, call one service or queryset, answer."""
