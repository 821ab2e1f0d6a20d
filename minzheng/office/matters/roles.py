"""Posts of the civil-affairs office (业务岗位), by level. Names follow the practice of townships and counties."""

from __future__ import annotations

from minzheng.base.identity.roles import Role

OFFICE_ROLES = (
    Role("village_worker", "村级协理员", (5,), heads=("town_reviewer",)),
    Role("town_clerk", "乡镇经办", (4,), heads=("town_reviewer",)),
    Role("town_reviewer", "乡镇审核", (4,), heads=("county_leader",)),
    Role("county_clerk", "县级经办", (3,), heads=("county_leader",)),
    Role("county_approver", "县级审批", (3,), heads=("county_leader",)),
    Role("county_leader", "县级负责人", (3,), heads=("city_officer",)),
    Role("county_finance", "县级资金复核", (3,), heads=("county_leader",)),
    Role("county_cashier", "县级资金经办", (3,), heads=("county_leader",)),
    Role("data_officer", "数据管理", (1, 2, 3), heads=("county_leader", "city_officer", "province_officer")),
    Role("city_officer", "市级业务", (2,), heads=("province_officer",)),
    Role("province_officer", "省级业务", (1,), heads=("province_officer",)),
)

# Who is told of an overdue task of the level below (督办).
SUPERVISORS = {4: "town_reviewer", 3: "county_leader", 2: "city_officer", 1: "province_officer"}
