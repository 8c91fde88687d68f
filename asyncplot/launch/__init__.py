"""How a plotting interpreter is started: its command, the supervisor that watches it, and what it says first."""
