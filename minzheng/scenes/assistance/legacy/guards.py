from __future__ import annotations

from minzheng.base.scope.guarding import Guarded

TABLES = [Guarded("legacy_legacyhousehold", officer="SU", batch="SIU")]
