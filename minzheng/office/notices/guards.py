from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded

TABLES = [
    # an officer sees the citizens' notices of the own range and the own ones, never a colleague's
    Guarded("notices_notice", officer="SIU", batch="SIU", citizen="SU", citizen_using="person = scope_person()",
            officer_using="person IS NOT NULL OR account = scope_account() OR scope_account() IS NULL"),
    Guarded("notices_preference", citizen="SIU", citizen_using="person = scope_person()"),
    Door("notice_reach(bigint[])", officer=True, batch=True),
]
