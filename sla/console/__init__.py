"""Business calendars, policies and the monitor in the console."""
