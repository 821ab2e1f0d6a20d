from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded, Open

TABLES = [
    Guarded("registry_person", officer="SIU", batch="SIU", citizen="S", citizen_using="id = scope_person()"),
    Guarded(
        "registry_household", officer="SIU", batch="SIU", citizen="S", citizen_using="id = registry_my_household()"
    ),
    Guarded(
        "registry_householdmember",
        officer="SIU",
        batch="SIU",
        citizen="S",
        citizen_using="household_id = registry_my_household()",
    ),
    Guarded("registry_organisation", officer="S", batch="SIU"),
    Guarded(
        "registry_attributesource",
        officer="SIU",
        batch="SIU",
        citizen="S",
        citizen_using="person_id = scope_person()",
    ),
    Guarded("registry_namegram", officer="SID", batch="SID"),
    Guarded("registry_grant", officer="S", batch="S"),
    Open("registry_load", batch="SI", worker="S", web="S", officer="S"),
    Door("registry_my_household()", citizen=True),
    Door("registry_my_family()", citizen=True),
    Door("registry_exists(bytea)", officer=True, batch=True),
    Door("registry_match(bytea, text)", web=True, officer=True, citizen=True, batch=True),
    Door("registry_other_household(bigint, date)", officer=True, batch=True),
    Door("registry_allow(bytea, text, date, timestamptz)", officer=True),
    Door("registry_share(bigint[], text, text, text[], date, timestamptz)", officer=True),
    Door("registry_granted_value(bigint, text, date)", officer=True),
    Door("registry_briefs(bigint[], date)", officer=True, batch=True),
    Door("registry_move(bigint, text)", officer=True, batch=True),
    Door("registry_move_household(bigint, text)", officer=True, batch=True),
]
