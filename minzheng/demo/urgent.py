"""The township's 备用金 and one person without papers in sudden need, by the actions that officers use. Done once."""

from __future__ import annotations

from minzheng.base import clock
from minzheng.base.identity.officer import Officer
from minzheng.base.scope import acting
from minzheng.office.cases.models import Case
from minzheng.office.ledger import imprest
from minzheng.scenes.assistance.temporary.completing import SCHEME
from minzheng.scenes.assistance.temporary.registering import Hardship, do_register
from minzheng.scenes.assistance.temporary.views import places


def help_at_once(clerk: Officer, finance: Officer, cashier: Officer) -> int:
    """First pay then paper: the next step is `clerk` handing over the money."""
    with acting(finance.scope()):
        fund = imprest.do_open_fund(clerk.jurisdiction, SCHEME, ceiling_fen=2_000_000, reason="演示备用金(示例值)", by=finance)
    with acting(cashier.scope()):
        imprest.do_top_up(fund.number, fen=1_000_000, document="演示备用金拨款", by=cashier)
    with acting(clerk.scope()):
        if Case.objects.filter(matter="temporary").exists():
            return 0
        place = places(clerk)[0][0]
        do_register(Hardship(place=place, what=1, happened_on=clock.today(), where="城北集贸市场", way="money", asked_fen=60_000,
                             urgent=True, name="老李", sex=1, birth_year=1958, key="demo-temporary",
                             reason="摊位夜间失火,随身财物和证件烧毁,当晚无处安身。"), by=clerk)
    return 1
