"""Who must sign an envelope of a given sum on a given day (签批权限)."""

from __future__ import annotations

import datetime as dt

from minzheng.base.errors import Refused
from minzheng.office.ledger.models import SignatureBand


def band_for(fen: int, on: dt.date) -> SignatureBand:
    """The narrowest band of the set in force that covers the sum; Refused when none does."""
    start = SignatureBand.objects.filter(from_date__lte=on).order_by("-from_date").values_list("from_date").first()
    if start is None:
        raise Refused("没有生效的资金签批权限,请先由管理员登记。")
    bands = SignatureBand.objects.filter(from_date=start[0])
    fitting = [band for band in bands if band.up_to_fen is None or fen <= band.up_to_fen]
    if not fitting:
        raise Refused("金额超出已登记的签批权限,请先由管理员补充登记。")
    return min(fitting, key=lambda band: (band.up_to_fen is None, band.up_to_fen or 0))
