"""No tables of its own; the module makes Django announce to this room that migrations have run."""
