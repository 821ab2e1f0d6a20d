from __future__ import annotations

from minzheng.base.scope.guarding import Door, Open

TABLES = [
    Open("audit_record", web="I", officer="I", citizen="I", batch="I", worker="I", sealer="S"),
    Open("audit_seal", sealer="SI"),
    Door("audit_accesses_of(bigint, bigint, integer)", citizen=True),
    Door("audit_trail(text, text, bigint, integer)", officer=True, batch=True),
    Door("audit_search(timestamptz, timestamptz, bigint, bigint, integer)", officer=True),
    Door("audit_newest_seal()", officer=True, sealer=True),
    Door("audit_delay()", web=True, officer=True, worker=True, sealer=True),
]
