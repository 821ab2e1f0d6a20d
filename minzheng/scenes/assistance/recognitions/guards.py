from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded

TABLES = [
    Guarded("recognitions_recognition", officer="SIU", batch="SIU", citizen="S",
            citizen_using="EXISTS (SELECT 1 FROM recognitions_recognitionmember m WHERE"
                          " m.recognition_id = recognitions_recognition.id AND m.person = scope_person())"),
    Guarded("recognitions_recognitionmember", officer="SIU", batch="SIU", citizen="S",
            citizen_using="person = scope_person()"),
    Door("recognition_held(bigint[], date)", officer=True, batch=True),
]
