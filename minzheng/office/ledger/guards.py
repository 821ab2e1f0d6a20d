"""Who may do what with money. Citizens see their own lines; entries and postings are never changed by anybody."""

from __future__ import annotations

from minzheng.base.scope.guarding import Guarded, Open

_MINE = ("EXISTS (SELECT 1 FROM benefits_entitlementmember m WHERE m.entitlement_id = ledger_paymentline.entitlement_id"
         " AND m.person_id = scope_person())")

TABLES = [
    Open("ledger_account", officer="S", batch="S"),
    Open("ledger_signatureband", officer="S", batch="S"),
    Guarded("ledger_bandset", officer="SIU", batch="S"),
    Guarded("ledger_entry", officer="SI", batch="SI"),
    Guarded("ledger_posting", officer="SI", batch="SI"),
    Guarded("ledger_paymentrun", officer="SIU", batch="SIU"),
    Guarded("ledger_envelope", officer="SIU", batch="SIU"),
    Guarded("ledger_envelopesignature", officer="SI", batch="SI"),
    Guarded("ledger_paymentline", officer="SIU", batch="SIU", citizen="S", citizen_using=_MINE),
    Guarded("ledger_returnfile", officer="SI", batch="SI"),
    Guarded("ledger_returnoddity", officer="SIU", batch="SIU"),
    Guarded("ledger_receivable", officer="SIU", batch="SIU"),
    Guarded("ledger_instalment", officer="SI", batch="SI"),
    Guarded("ledger_dayproof", officer="SI", batch="SI"),
    Guarded("ledger_imprestfund", officer="SIU", batch="S"),
    Guarded("ledger_imprestsettlement", officer="SIU", batch="S"),
    Guarded("ledger_imprestmove", officer="SIU", batch="S"),
]
