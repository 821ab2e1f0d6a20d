"""What every service does first: it refuses to run with more rights than its own, or on tables without their policy."""

from __future__ import annotations

import sys

from django.conf import settings
from django.db import connection

from minzheng.base.scope.checks import the_role_is_a_lesser_one


def refuse_unsafe_start() -> None:
    """SystemExit with the reason. Leaves no connection open, since the web forks after it."""
    reasons = ["services do not run as the owner of the tables"] if settings.DB_ROLE == "mz_owner" else [
        str(problem.msg) for problem in the_role_is_a_lesser_one(None, databases=["default"])]
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
    if reasons:
        sys.exit("; ".join(reasons))
