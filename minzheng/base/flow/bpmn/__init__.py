"""The pure part of the workflow room: BPMN files, their checks, and one process in memory. No database here."""
