"""Rules as data: conditions on a ticket, what is done where they hold, and macros that do the same by hand."""
