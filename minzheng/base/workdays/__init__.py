"""Working days of the People's Republic of China, and time limits counted in them. Pure functions.

Counting follows 民法典 §§201, 203: the day a period starts is not counted; it ends at 24:00 of its last day.
"""

from .calendar import PROVISIONAL_MARK, known_year, source_of
from .limits import UNITS, Due, Pause, due_at, due_with_pauses
from .workdays import add, between, is_workday, last_workday_before

__all__ = [
    "PROVISIONAL_MARK",
    "UNITS",
    "Due",
    "Pause",
    "add",
    "between",
    "due_at",
    "due_with_pauses",
    "is_workday",
    "known_year",
    "last_workday_before",
    "source_of",
]
