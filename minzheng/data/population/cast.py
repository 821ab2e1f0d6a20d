"""The fixed cast: people and households that every population contains, whatever its seed and size, for
demonstrations and tests.

Their ID numbers use the sequences 900–999, which the generator gives to nobody else; departments never disturb
their records with noise.
What a household *declares* when it applies is the business of the test; `story` says where the departments'
data contradict it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from minzheng.data.population import households
from minzheng.data.population import lives as L
from minzheng.data.population.identifiers import cast_id

YUSHAN, YUSHAN_2 = "320583100001", "320583100002"  # 昆山市玉山镇: 里厍社区, 亭林社区
TAICANG = "320585100001"  # 太仓市城厢镇: the neighbouring county


@dataclass(frozen=True)
class CastPerson:
    key: str
    name: str
    sex: int  # 1 男, 2 女
    birth: str  # YYYYMMDD
    sequence: int  # 900–999, odd for men
    relation: str = "户主"
    place: int = 0  # see households.PLACES
    life: dict[str, int] = field(default_factory=dict)  # latent columns of `lives`; absent ones are 0
    marital: str = "未婚"
    ethnicity: str = "汉族"
    death: date | None = None

    @property
    def id_number(self) -> str:
        return cast_id(self.birth, self.sequence)


@dataclass(frozen=True)
class CastHousehold:
    key: str
    story: str
    village: str
    address: str
    kind: int
    members: tuple[CastPerson, ...]
    benefit: str = ""
    benefit_county: str = ""  # a benefit paid by this county, other than the hukou's
    registration: str = "城镇"


def _worker(work: int, **more: int) -> dict[str, int]:
    return {"occupation": work, **more}


def _m(key: str, name: str, birth: str, sequence: int, work: int, marital: str = "有配偶", **more: int) -> CastPerson:
    return CastPerson(
        key, name, 1 if sequence % 2 else 2, birth, sequence, marital=marital, life=_worker(work, **more)
    )


def _kin(relation: str, place: int, person: CastPerson) -> CastPerson:
    return CastPerson(**{**vars(person), "relation": relation, "place": place})


CAST: Final[tuple[CastHousehold, ...]] = (
    CastHousehold(
        "zhang",
        "三口之家,人均月收入600元,低于低保标准,财产很少:符合低保",
        YUSHAN,
        "里厍社区桃源新村12幢301室",
        households.MINORS,
        (
            _m(
                "zhang_jianguo",
                "张建国",
                "19700312",
                901,
                L.GIG,
                wage_fen=180_000,
                deposits_fen=860_000,
                homes=1,
                payment_fen=21_300,
            ),
            _kin("妻", 1, _m("li_xiuying", "李秀英", "19720825", 902, L.NONE, deposits_fen=240_000)),
            _kin("女", 2, _m("zhang_yue", "张悦", "20090516", 904, L.STUDENT, "未婚", stage=4)),
        ),
    ),
    CastHousehold(
        "wang",
        "申报无车,车管有一辆小型汽车:隐瞒车辆",
        YUSHAN,
        "里厍社区桃源新村15幢202室",
        households.COUPLE,
        (
            _m(
                "wang_haitao",
                "王海涛",
                "19690702",
                903,
                L.GIG,
                wage_fen=150_000,
                deposits_fen=1_200_000,
                car_value_fen=6_800_000,
                homes=1,
            ),
            _kin("妻", 1, _m("xu_hong", "徐红", "19710118", 906, L.NONE)),
        ),
    ),
    CastHousehold(
        "chen",
        "申报存款3000元,银行有26万元:存款与申报不符",
        YUSHAN,
        "里厍社区南后街48号",
        households.SINGLE_ELDER,
        (
            _m(
                "chen_guilan",
                "陈桂兰",
                "19550923",
                908,
                L.RURAL_OLD,
                "丧偶",
                pension_fen=28_000,
                basic_pension_fen=22_000,
                deposits_fen=26_000_000,
            ),
        ),
    ),
    CastHousehold(
        "zhao",
        "申请时把已在沈家户内的刘志强列为家庭成员:一人不能同时在两户",
        YUSHAN,
        "里厍社区柏庐路6幢501室",
        households.LONE_PARENT,
        (
            _m("zhao_min", "赵敏", "19850411", 910, L.GIG, "离婚", wage_fen=160_000, deposits_fen=450_000),
            _kin("子", 2, _m("liu_hao", "刘浩", "20140630", 905, L.STUDENT, "未婚", stage=2)),
        ),
    ),
    CastHousehold(
        "shen",
        "刘志强已是这一户的成员",
        YUSHAN_2,
        "亭林社区震川西路120号3幢402室",
        households.COUPLE,
        (
            _m(
                "shen_ping",
                "沈萍",
                "19860219",
                912,
                L.STAFF,
                wage_fen=620_000,
                deposits_fen=7_500_000,
                homes=1,
                fund=1,
            ),
            _kin(
                "夫",
                1,
                _m(
                    "liu_zhiqiang",
                    "刘志强",
                    "19840907",
                    907,
                    L.STAFF,
                    wage_fen=680_000,
                    deposits_fen=3_100_000,
                    fund=1,
                ),
            ),
        ),
    ),
    CastHousehold(
        "zhou",
        "已在太仓市享受低保:重复享受",
        YUSHAN_2,
        "亭林社区亭林路33号",
        households.SINGLE_ELDER,
        (
            _m(
                "zhou_sufen",
                "周素芬",
                "19600105",
                914,
                L.RURAL_OLD,
                "丧偶",
                pension_fen=26_000,
                basic_pension_fen=22_000,
                deposits_fen=500_000,
            ),
        ),
        "低保",
        "320585000000",
    ),
    CastHousehold(
        "wu",
        "独居高龄老人,85岁以上,行动不便",
        YUSHAN,
        "里厍社区南后街12号",
        households.SINGLE_ELDER,
        (
            _m(
                "wu_amei",
                "吴阿妹",
                "19391208",
                916,
                L.RURAL_OLD,
                "丧偶",
                pension_fen=31_000,
                basic_pension_fen=22_000,
                other_transfer_fen=30_000,
                deposits_fen=1_900_000,
                homes=1,
            ),
        ),
    ),
    CastHousehold(
        "sun",
        "成年无业一级重度残疾人随退休父母生活,家庭人均在标准与1.5倍之间:单人保",
        YUSHAN,
        "里厍社区司徒街9幢104室",
        households.GROWN,
        (
            _m(
                "sun_guoping",
                "孙国平",
                "19620514",
                909,
                L.RETIRED,
                pension_fen=290_000,
                deposits_fen=2_600_000,
                homes=1,
            ),
            _kin("妻", 1, _m("gu_yuzhen", "顾玉珍", "19640720", 918, L.NONE, other_transfer_fen=110_000)),
            _kin(
                "子",
                2,
                _m("sun_minghui", "孙明辉", "19950303", 911, L.NONE, "未婚", disability_class=4, disability_grade=1),
            ),
        ),
    ),
    CastHousehold(
        "qian",
        "夫妻二人,已享受低保;钱福根在演示中去世,应停发",
        YUSHAN,
        "里厍社区玉龙路21号",
        households.ELDERS,
        (
            _m(
                "qian_fugen",
                "钱福根",
                "19480626",
                913,
                L.RURAL_OLD,
                pension_fen=29_000,
                basic_pension_fen=22_000,
                deposits_fen=700_000,
                homes=1,
                illness=3,
            ),
            _kin(
                "妻",
                1,
                _m("zhu_alan", "朱阿兰", "19500911", 920, L.RURAL_OLD, pension_fen=27_000, basic_pension_fen=22_000),
            ),
        ),
        "低保",
    ),
    CastHousehold(
        "he",
        "申报无业,市场监管登记为公司法定代表人",
        YUSHAN_2,
        "亭林社区人民路88号7幢603室",
        households.COUPLE,
        (
            _m(
                "he_wenbin",
                "何文斌",
                "19780228",
                915,
                L.NONE,
                company_role=2,
                business_fen=0,
                deposits_fen=5_200_000,
                homes=2,
            ),
            _kin("妻", 1, _m("jiang_yan", "蒋燕", "19800316", 922, L.GIG, wage_fen=240_000)),
        ),
    ),
    CastHousehold(
        "zheng",
        "丈夫在监狱服刑,不计入共同生活成员",
        YUSHAN,
        "里厍社区西街77号",
        households.MINORS,
        (
            _m("zheng_xiaolong", "郑小龙", "19831121", 917, L.NONE, prison=1),
            _kin("妻", 1, _m("yang_li", "杨丽", "19850617", 924, L.GIG, wage_fen=170_000, deposits_fen=300_000)),
            _kin("子", 2, _m("zheng_yichen", "郑亦辰", "20160212", 919, L.STUDENT, "未婚", stage=2)),
        ),
    ),
    CastHousehold(
        "lin",
        "另一位办事群众:收入较高,不符合低保;妻子为财政供养人员",
        YUSHAN_2,
        "亭林社区前进路5号11幢901室",
        households.MINORS,
        (
            _m(
                "lin_xiaodong",
                "林晓东",
                "19880804",
                921,
                L.STAFF,
                wage_fen=1_250_000,
                deposits_fen=31_000_000,
                securities_fen=9_600_000,
                homes=1,
                fund=1,
                car_value_fen=15_800_000,
            ),
            _kin(
                "妻",
                1,
                _m(
                    "shen_lihua",
                    "沈丽华",
                    "19900125",
                    926,
                    L.PUBLIC,
                    wage_fen=860_000,
                    deposits_fen=12_000_000,
                    fund=1,
                ),
            ),
            _kin("女", 2, _m("lin_yutong", "林语桐", "20190909", 928, L.STUDENT, "未婚", stage=2)),
        ),
    ),
    CastHousehold(
        "huang",
        "终末期肾病,自付医疗费高:支出型困难",
        YUSHAN,
        "里厍社区小西门31号",
        households.COUPLE,
        (
            _m("huang_meiling", "黄美玲", "19750419", 930, L.NONE, illness=2, deposits_fen=400_000),
            _kin(
                "夫",
                1,
                _m("tang_yong", "汤勇", "19730801", 923, L.STAFF, wage_fen=380_000, deposits_fen=900_000, homes=1),
            ),
        ),
    ),
    CastHousehold(
        "ayi",
        "姓名带间隔号,银行写法不同(阿依古丽.买买提)",
        YUSHAN_2,
        "亭林社区北门路64号2幢303室",
        households.SINGLE,
        (
            CastPerson(
                "ayi_guli",
                "阿依古丽·买买提",
                2,
                "19930715",
                932,
                life=_worker(L.GIG, wage_fen=320_000, deposits_fen=1_500_000),
                ethnicity="维吾尔族",
            ),
        ),
    ),
    CastHousehold(
        "xu",
        "已死亡五个月,人社仍在发养老金:部门数据矛盾",
        YUSHAN,
        "里厍社区朝阳路18号",
        households.ELDERS,
        (
            _m(
                "xu_guizhen",
                "许桂珍",
                "19520708",
                934,
                L.RURAL_OLD,
                "丧偶",
                pension_fen=26_000,
                basic_pension_fen=22_000,
                homes=1,
            ),
            _kin(
                "夫",
                1,
                CastPerson(
                    "xu_jianjun",
                    "许建军",
                    1,
                    "19490101",
                    925,
                    death=date(2026, 5, 28),
                    marital="有配偶",
                    life=_worker(L.RETIRED, pension_fen=330_000, deposits_fen=2_200_000),
                ),
            ),
        ),
    ),
    CastHousehold(
        "ma",
        "邻县(太仓市)居民:昆山人员不可见",
        TAICANG,
        "中区社区县府街5号",
        households.SINGLE,
        (_m("ma_xiuzhen", "马秀珍", "19670330", 936, L.GIG, "离婚", wage_fen=210_000, deposits_fen=800_000),),
    ),
)

PEOPLE: Final = {person.key: person for household in CAST for person in household.members}
SIZE: Final = len(PEOPLE)


def person(key: str) -> CastPerson:
    """A cast member by key, e.g. `person("zhang_jianguo").id_number`."""
    return PEOPLE[key]
