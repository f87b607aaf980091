"""Who works at the desk: roles, second factor, sessions, and the record of who did what."""
