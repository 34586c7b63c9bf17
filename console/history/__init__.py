"""`history` keeps what happened to each upload; `find`, `timeline` and `list` tell it."""
