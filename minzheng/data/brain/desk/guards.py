from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded

TABLES = [
    Guarded("policydesk_draft", officer="SIU"),
    Guarded("policydesk_run", officer="SIU", batch="SU"),
    Guarded("policydesk_part", officer="S", batch="SID"),
    Guarded("policydesk_near", officer="S", batch="SID"),
    Door("policydesk_shared(text, date)", officer=True),
]
