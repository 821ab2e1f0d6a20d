"""Help beside money in a demonstration: one referral, one offer of work, one service plan, one published need, and a citizen
who represents a charity. Made by the same actions as officers'; done once."""

from __future__ import annotations

import datetime as dt

from minzheng.base import clock
from minzheng.base.errors import Refused
from minzheng.base.identity.officer import Officer
from minzheng.base.scope import acting
from minzheng.data import registry
from minzheng.data.population.cast import person
from minzheng.data.registry.models import Organisation
from minzheng.demo.accounts import TOWNSHIP, VILLAGE
from minzheng.scenes.assistance.aid import Consent
from minzheng.scenes.assistance.referrals.actions import do_refer
from minzheng.scenes.assistance.referrals.working import do_answer, do_offer
from minzheng.scenes.assistance.services.planning import Item, do_assess, do_draft, do_start
from minzheng.scenes.assistance.socialforces.needs import do_publish, do_represent, do_write

WU, HUANG, ZHANG = "329900193912089163", "329900197504199302", "329900197003129015"
CHARITIES = (("53329900MJ0000001J", "昆山阳光慈善基金会(示例)", "基金会"), ("52329900MJ0000002Q", "玉山社工服务中心(示例)", "民办非企业单位"))


def add_charities() -> None:
    """As the owner: the generated organisations hold no 社会组织."""
    for code, name, kind in CHARITIES:
        Organisation.objects.get_or_create(credit_code=code, defaults={
            "jurisdiction": VILLAGE if kind == "基金会" else TOWNSHIP, "name": name, "kind": kind, "status": "存续",
            "founded_on": dt.date(2018, 1, 1), "registered_capital_fen": 200_000_000})


def help_each(clerk: Officer, reviewer: Officer, county: Officer) -> None:
    for step in (_refer, _work, _serve, _need):
        try:
            step(clerk, reviewer)
        except Refused:
            continue  # it is there already
    with acting(county.scope()):
        do_represent(charity=CHARITIES[0][0], id_number=person("lin_xiaodong").id_number, document="演示授权委托书",
                     valid_to=clock.today() + dt.timedelta(days=365), by=county)


def _home(by: Officer, number: str) -> tuple[registry.Person, int, Consent]:
    whom = registry.find_person(by, number)
    home = registry.household_of(whom)
    if home is None:
        raise Refused("没有户")
    return whom, home.pk, Consent(whom.pk, clock.today(), "signed")


def _refer(by: Officer, reviewer: Officer) -> None:
    with acting(by.scope()):
        whom, home, consent = _home(by, HUANG)
        do_refer(home, person=whom.pk, department="medical", ask="aid", basis="other", phone=True, key="demo-refer", by=by,
                 reason="终末期肾病,自付透析费用高,请医保部门办理医疗救助", consent=consent)


def _work(by: Officer, reviewer: Officer) -> None:
    with acting(by.scope()):
        whom, home, _ = _home(by, ZHANG)
        row = do_offer(home, person=whom.pk, employer="玉山社区食堂", position="配送员", monthly_fen=280_000, key="demo-work", by=by,
                       suitable="离家两公里,工作时间不影响照料孩子", offered_on=clock.today())
        do_answer(row.pk, answer="refused", text="膝盖有伤,不能骑车配送", answered_on=clock.today(), by=by)


def _serve(by: Officer, reviewer: Officer) -> None:
    with acting(by.scope()):
        whom, home, consent = _home(by, WU)
        base = do_assess(home, levels={"care": (2, "高龄独居,行动不便"), "visit": (1, "没有亲属在身边")}, key="demo-assess",
                         assessed_on=clock.today(), by=by)
        plan = do_draft(base.pk, person=whom.pk, key="demo-plan", consent=consent, starts_on=clock.today(), by=by,
                        ends_on=clock.today() + dt.timedelta(days=180),
                        items=[Item("care", "每周两次上门助浴、做饭", CHARITIES[1][0], "time", 24),
                               Item("visit", "每周一次电话或上门探访", CHARITIES[1][0], "time", 12)])
    with acting(reviewer.scope()):
        do_start(plan.number, version=plan.version, by=reviewer)


def _need(by: Officer, reviewer: Officer) -> None:
    with acting(by.scope()):
        whom, home, consent = _home(by, ZHANG)
        row = do_write(home, person=whom.pk, kind="service", topic="tutor", title="初中生需要数学辅导", source="other",
                       description="父母打工时间长,孩子数学跟不上,希望每周末辅导一次", consent=consent, key="demo-need", by=by)
    with acting(reviewer.scope()):
        do_publish(row.number, version=row.version, by=reviewer)
