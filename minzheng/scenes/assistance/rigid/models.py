"""What the township found in the bills (刚性支出核实). Amounts tell of illness, so they are encrypted."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField


class BillCheck(models.Model):
    """One look at the bills of the twelve months before `until`. `found` is JSON: `income_year_fen` and, by person, fen
    by category. The newest of a case counts."""

    case_id = models.BigIntegerField()
    jurisdiction = JurisdictionField(db_index=False)
    until = models.DateField("截至")
    bills = models.PositiveSmallIntegerField("票据张数")
    found = EncryptedTextField("核实金额")
    note = models.TextField("核实说明")
    recorded_by = models.BigIntegerField()
    actor = models.CharField("核实人", max_length=128)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case_id", "-id"], name="bill_check_case")]

    @property
    def amounts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.found)
        return found
