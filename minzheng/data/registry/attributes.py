"""What the registry keeps of a person, which department answers for it, and what is sensitive."""

from __future__ import annotations

from dataclasses import dataclass

ACTIONS = {
    "registry.search": "查询人员",
    "registry.person_read": "查看个人档案",
    "registry.reveal": "查看完整信息",
    "registry.register": "登记人员",
    "registry.update": "更新人员信息",
    "registry.conflict": "登记数据出入",
    "registry.settle": "核实数据出入",
    "registry.move": "户籍迁移",
    "registry.death": "登记死亡",
    "registry.household": "变更家庭成员",
    "registry.grant": "异地办理查阅授权",
    "registry.load": "批量装载人口",
}


@dataclass(frozen=True)
class Attribute:
    """`owners` are the departments whose newer value replaces the current one; anybody else's difference is a
    conflict."""

    title: str
    owners: tuple[str, ...]
    sensitive: bool = False


ATTRIBUTES = {
    "name": Attribute("姓名", ("公安",)),
    "sex": Attribute("性别", ("公安",)),
    "ethnicity": Attribute("民族", ("公安",)),
    "birth_date": Attribute("出生日期", ("公安",)),
    "death_date": Attribute("死亡日期", ("公安", "卫生健康", "民政殡葬")),
    "jurisdiction": Attribute("户籍地", ("公安",)),
    "residence": Attribute("居住地", ("公安", "本人申报")),
    "address": Attribute("住址", ("公安", "本人申报")),
    "phone": Attribute("手机号", ("本人申报",), sensitive=True),
    "bank_name": Attribute("开户银行", ("本人申报",)),
    "bank_account": Attribute("银行账号", ("本人申报",), sensitive=True),
    "marital": Attribute("婚姻状况", ("民政婚姻", "公安")),
    "disability_class": Attribute("残疾类别", ("残联",)),
    "disability_grade": Attribute("残疾等级", ("残联",)),
    "illness": Attribute("重特大疾病", ("卫生健康",), sensitive=True),
    "occupation": Attribute("就业状况", ("人社",)),
    "school_stage": Attribute("就学阶段", ("教育",)),
}
REVEALABLE = ("id_number", "phone", "bank_account", "illness")
DEPARTMENTS = ("公安", "卫生健康", "民政殡葬", "民政婚姻", "残联", "人社", "医保", "教育", "本人申报", "民政")
