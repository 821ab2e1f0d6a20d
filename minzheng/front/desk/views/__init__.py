"""Pages of the staff portal (工作门户). They read through doors and queries and write through actions only."""
