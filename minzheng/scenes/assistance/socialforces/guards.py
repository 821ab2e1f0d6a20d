from __future__ import annotations

from minzheng.base.scope.guarding import Door, Guarded

_T = "assistance_socialforces_"
_MINE = "n.person = scope_person() OR n.consent_person = scope_person()"


def _claim(column: str, condition: str) -> str:
    return (f"EXISTS (SELECT 1 FROM {_T}claim c JOIN {_T}need n ON n.id = c.need_id"  # noqa: S608 (own names)
            f" WHERE c.id = {column} AND ({condition}))")


# A representative sees no need, so what concerns his claim is asked of the claim alone.
_HIS = "EXISTS (SELECT 1 FROM {t}claim c WHERE c.id = {column} AND c.representative = scope_person(){more})"


def _his(column: str, more: str = "") -> str:
    return _HIS.format(t=_T, column=column, more=more)


TABLES = [
    Guarded(_T + "need", officer="SIU", batch="SU", citizen="S",
            citizen_using="person = scope_person() OR consent_person = scope_person()"),
    Guarded(_T + "representative", officer="SIU", citizen="S", citizen_using="person = scope_person()"),
    Guarded(_T + "claim", officer="SIU", batch="SU", citizen="S",
            citizen_using="representative = scope_person() OR EXISTS (SELECT 1 FROM "  # noqa: S608 (own names)
                          f"{_T}need n WHERE n.id = {_T}claim.need_id AND ({_MINE}))"),
    Guarded(_T + "disclosure", officer="SI", citizen="S",
            citizen_using=_his(_T + "disclosure.claim_id", " AND c.state = 'matched'")),
    Guarded(_T + "gift", officer="SI", batch="S", citizen="SI",
            citizen_using=f"{_his(_T + 'gift.claim_id')} OR {_claim(_T + 'gift.claim_id', _MINE)}"),
    Guarded(_T + "feedback", officer="SI", citizen="SI",
            citizen_using=f"EXISTS (SELECT 1 FROM {_T}gift g WHERE g.id = {_T}feedback.gift_id)"),  # noqa: S608
    Door("social_board(date)", citizen=True),
    Door("social_claim(bigint, text, text, date, timestamptz)", citizen=True),
]
