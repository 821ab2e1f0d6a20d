"""The sample accounts of a demonstration: one for each post that a household passes, and citizens of the cast."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

PASSWORD = "Minzheng-2026"
PROVINCE, CITY, COUNTY = "320000000000", "320500000000", "320583000000"
TOWNSHIP, VILLAGE = "320583100000", "320583100001"
NEIGHBOUR, NEIGHBOUR_TOWNSHIP = "320585000000", "320585100000"
SINCE = dt.date(2026, 1, 1)


@dataclass(frozen=True)
class Sample:
    """An account to sign in with. `person` is a key of the population's cast, for citizens."""

    username: str
    name: str
    role: str = ""
    office: str = ""
    person: str = ""
    note: str = ""


SAMPLES = (
    Sample("clerk", "李建国", "town_clerk", TOWNSHIP, note="乡镇经办:窗口受理、入户调查、送达"),
    Sample("clerk2", "周敏", "town_clerk", TOWNSHIP, note="另一名乡镇经办:入户调查会签"),
    Sample("village", "王芳", "village_worker", VILLAGE, note="村级协理员:主动发现、入户会签"),
    Sample("reviewer", "孙伟", "town_reviewer", TOWNSHIP, note="乡镇审核:初审"),
    Sample("county", "陈敏", "county_clerk", COUNTY, note="县级经办"),
    Sample("approver", "何平", "county_approver", COUNTY, note="县级审批:审核确认"),
    Sample("leader", "徐正", "county_leader", COUNTY, note="县级负责人:大额签批、撤销决定"),
    Sample("cashier", "韩雪", "county_cashier", COUNTY, note="县级资金经办:生成发放批次"),
    Sample("cashier2", "曹丹", "county_cashier", COUNTY, note="另一名资金经办:送银行发放"),
    Sample("finance", "沈洁", "county_finance", COUNTY, note="县级资金复核:签批"),
    Sample("city", "顾明", "city_officer", CITY, note="市级业务"),
    Sample("city2", "苏晴", "city_officer", CITY, note="另一名市级业务:复核政策参数和方案"),
    Sample("province", "宋立", "province_officer", PROVINCE, note="省级业务、政策参数"),
    Sample("data", "吴数", "data_officer", COUNTY, note="数据管理"),
    Sample("sysadmin", "郑系", "system_admin", COUNTY, note="系统管理员"),
    Sample("secadmin", "冯安", "security_admin", COUNTY, note="安全管理员"),
    Sample("auditor", "褚审", "audit_admin", COUNTY, note="审计管理员"),
    Sample("neighbour", "许静", "county_approver", NEIGHBOUR, note="邻县(太仓)审批:看不到昆山的办件"),
    Sample("zhang", "张建国", person="zhang_jianguo", note="市民:符合低保的三口之家"),
    Sample("yang", "杨丽", person="yang_li", note="市民:丈夫服刑、带孩子生活"),
    Sample("lin", "林晓东", person="lin_xiaodong", note="市民:收入较高"),
    Sample("xu", "许桂珍", person="xu_guizhen", note="市民:丧偶老人,可申请特困供养"),
    Sample("sun", "孙国平", person="sun_guoping", note="市民:退休夫妇带重残儿子,可认定低保边缘"),
    Sample("ayi", "阿依古丽·买买提", person="ayi_guli", note="市民:看病支出大,可认定刚性支出困难"),
)
