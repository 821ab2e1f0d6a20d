from __future__ import annotations

from minzheng.base.scope.guarding import Guarded

_T = "assistance_referrals_"
TABLES = [
    Guarded(_T + "referral", officer="SIU", batch="SU", citizen="S",
            citizen_using="person = scope_person() OR consent_person = scope_person()"),
    Guarded(_T + "referralevent", officer="SI", batch="SI"),
    Guarded(_T + "joboffer", officer="SIU", batch="S", citizen="S", citizen_using="person = scope_person()"),
]
