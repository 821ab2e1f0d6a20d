"""Facts about one household, each with its source and time: the shared vocabulary of all schemes.

The field names are the columns of a population and the input variables of formulas. Amounts are whole fen a month
(the average of the period that the survey covers), or of the twelve months before where the name says `year`. None
means unknown, which is never read as zero: say `declared_none` for what the applicant declares not to have. The one
exception are claims: what exists only when somebody has applied for it or our own register has recorded it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields, replace
from enum import Enum, IntEnum
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T", int, bool, dt.date)


class Relation(IntEnum):
    """与申请人关系."""

    SELF = 1
    SPOUSE = 2
    CHILD = 3
    PARENT = 4
    GRANDPARENT = 5
    GRANDCHILD = 6
    SIBLING = 7
    OBLIGED = 8
    OTHER = 9


class Absence(IntEnum):
    """不计入共同生活家庭成员的情形."""

    NONE = 0
    RELIGIOUS = 1
    PRISON = 2
    DRUG_DETENTION = 3
    MISSING = 4


class DisabilityKind(IntEnum):
    """残疾类别 (GB/T 26341)."""

    NONE = 0
    SIGHT = 1
    HEARING = 2
    SPEECH = 3
    LIMB = 4
    INTELLECT = 5
    MENTAL = 6
    MULTIPLE = 7


class Held(IntEnum):
    """已经享受的基本生活救助或认定; one person holds one at a time."""

    NONE = 0
    DIBAO = 1
    SINGLE = 2
    TEKUN = 3
    EDGE = 4
    RIGID = 5


class ChildBenefit(IntEnum):
    """已经享受的儿童基本生活保障."""

    NONE = 0
    ORPHAN = 1
    DE_FACTO = 2


class CarePlace(IntEnum):
    """特困人员供养方式."""

    HOME = 0
    INSTITUTION = 1


class Emergency(IntEnum):
    """急难情形."""

    NONE = 0
    ACCIDENT = 1
    ILLNESS = 2
    OTHER = 3


_LABELS: dict[type[IntEnum], tuple[str, ...]] = {
    Relation: ("本人", "配偶", "子女", "父母", "祖父母或外祖父母", "孙子女或外孙子女", "兄弟姐妹", "其他法定义务人",
               "其他人员"),
    Absence: ("无", "连续三年以上脱离家庭的宗教教职人员", "在监狱服刑", "强制隔离戒毒", "宣告失踪"),
    DisabilityKind: ("无", "视力", "听力", "言语", "肢体", "智力", "精神", "多重"),
    Held: ("无", "低保", "单人保", "特困供养", "低保边缘", "刚性支出困难"),
    ChildBenefit: ("无", "孤儿基本生活保障", "事实无人抚养儿童基本生活补贴"),
    CarePlace: ("分散供养", "集中供养"),
    Emergency: ("无", "火灾、交通事故等意外", "突发重大疾病", "其他突发困难"),
}


def label(code: IntEnum) -> str:
    """The code's name for people."""
    return dict(zip(type(code), _LABELS[type(code)], strict=True))[code]


class Kind(Enum):
    FEN = "fen"
    SIGNED_FEN = "signed_fen"
    COUNT = "count"
    FLAG = "flag"
    CODE = "code"
    DATE = "date"


@dataclass(frozen=True)
class Term:
    """One word of the vocabulary. `most` bounds counts and grades; `codes` are the values a code may take.

    A `claim` that nobody made is none: it says what was applied for or recorded by ourselves. A fact that must be `said`
    is never filled by a general declaration of having nothing, since zero would open a benefit.
    """

    title: str
    kind: Kind
    codes: type[IntEnum] | None = None
    most: int = 9_999
    claim: bool = False
    said: bool = False


@dataclass(frozen=True)
class Fact(Generic[T]):
    """A value, the department or paper it came from, and the day it was true."""

    value: T
    source: str
    as_of: dt.date
    note: str = ""

    @property
    def origin(self) -> str:
        return f"{self.source}({self.as_of.isoformat()})" + (f":{self.note}" if self.note else "")


def _term(title: str, kind: Kind, codes: type[IntEnum] | None = None, most: int = 9_999, *, claim: bool = False,
          said: bool = False) -> dict[str, Any]:
    return {"term": Term(title, kind, codes, most, claim, said)}


class _Facts:
    @classmethod
    def vocabulary(cls) -> dict[str, Term]:
        return {f.name: f.metadata["term"] for f in fields(cls) if "term" in f.metadata}  # type: ignore[arg-type]

    def declared_none(self, source: str, as_of: dt.date) -> Self:
        """Fills what is unknown with zero, no, none, on the word of `source`. Dates, relations and facts that must be
        said stay unknown."""
        blank = {
            name: Fact(False if term.kind is Kind.FLAG else 0, source, as_of)
            for name, term in self.vocabulary().items()
            if getattr(self, name) is None and term.kind is not Kind.DATE and term.codes is not Relation and not term.said
        }
        return replace(self, **blank)  # type: ignore[type-var]


@dataclass(frozen=True, kw_only=True)
class MemberFacts(_Facts):
    """One person of the household; `name` is what the explanation calls the person (masked if the caller wishes)."""

    key: str
    name: str
    relation: Fact[int] | None = field(default=None, metadata=_term("与申请人关系", Kind.CODE, Relation))
    birth_date: Fact[dt.date] | None = field(default=None, metadata=_term("出生日期", Kind.DATE))
    lives_together: Fact[bool] | None = field(default=None, metadata=_term("长期共同居住", Kind.FLAG))
    dependent_adult: Fact[bool] | None = field(default=None, metadata=_term("成年但不能独立生活", Kind.FLAG))
    absence: Fact[int] | None = field(default=None, metadata=_term("不计入家庭成员的情形", Kind.CODE, Absence))
    disability_kind: Fact[int] | None = field(default=None, metadata=_term("残疾类别", Kind.CODE, DisabilityKind))
    disability_grade: Fact[int] | None = field(default=None, metadata=_term("残疾等级", Kind.COUNT, most=4))
    serious_illness: Fact[bool] | None = field(default=None, metadata=_term("重特大疾病", Kind.FLAG))
    wage_fen: Fact[int] | None = field(default=None, metadata=_term("工资性收入", Kind.FEN))
    work_cost_fen: Fact[int] | None = field(default=None, metadata=_term("必要就业成本", Kind.FEN))
    business_fen: Fact[int] | None = field(default=None, metadata=_term("经营净收入", Kind.SIGNED_FEN))
    property_fen: Fact[int] | None = field(default=None, metadata=_term("财产净收入", Kind.FEN))
    transfer_fen: Fact[int] | None = field(default=None, metadata=_term("转移净收入", Kind.FEN))
    other_fen: Fact[int] | None = field(default=None, metadata=_term("其他收入", Kind.FEN))
    basic_pension_fen: Fact[int] | None = field(default=None, metadata=_term("城乡居民基础养老金", Kind.FEN))
    exempt_fen: Fact[int] | None = field(default=None, metadata=_term("不计入收入的款物", Kind.FEN))
    rigid_fen: Fact[int] | None = field(default=None, metadata=_term("残疾或重病增加的刚性支出", Kind.FEN))
    executive: Fact[bool] | None = field(default=None, metadata=_term("企业股东或高级管理人员", Kind.FLAG))
    public_payroll: Fact[bool] | None = field(default=None, metadata=_term("财政供养人员", Kind.FLAG))
    private_school: Fact[bool] | None = field(default=None, metadata=_term("就读高收费民办学校", Kind.FLAG))
    studies_abroad: Fact[bool] | None = field(default=None, metadata=_term("自费出国(境)留学", Kind.FLAG))
    travels_abroad: Fact[bool] | None = field(default=None, metadata=_term("出国(境)旅游", Kind.FLAG))
    held: Fact[int] | None = field(default=None, metadata=_term("已享受的救助或认定", Kind.CODE, Held, claim=True))
    child_benefit: Fact[int] | None = field(
        default=None, metadata=_term("已享受的儿童基本生活保障", Kind.CODE, ChildBenefit, claim=True))
    applies_alone: Fact[bool] | None = field(default=None, metadata=_term("以单人户提出申请", Kind.FLAG, claim=True))
    work_refusals: Fact[int] | None = field(
        default=None, metadata=_term("连续无正当理由拒绝适当工作的次数", Kind.COUNT, most=99, claim=True))
    fixed_income: Fact[bool] | None = field(default=None, metadata=_term("收入来源固定", Kind.FLAG, claim=True))
    no_labour_other: Fact[bool] | None = field(
        default=None, metadata=_term("省规定的其他无劳动能力情形", Kind.FLAG, claim=True))
    studying: Fact[bool] | None = field(default=None, metadata=_term("接受义务教育或高中阶段教育", Kind.FLAG))
    obligors: Fact[int] | None = field(default=None, metadata=_term("法定义务人数", Kind.COUNT, most=50, said=True))
    obligors_able: Fact[int] | None = field(
        default=None, metadata=_term("有履行能力的法定义务人数", Kind.COUNT, most=50, said=True))
    self_care_unmet: Fact[int] | None = field(
        default=None, metadata=_term("自理能力六项中未达到的项数", Kind.COUNT, most=6, said=True))
    care_place: Fact[int] | None = field(default=None, metadata=_term("供养方式", Kind.CODE, CarePlace))
    living_year_fen: Fact[int] | None = field(default=None, metadata=_term("前十二个月必需生活支出", Kind.FEN))
    medical_year_fen: Fact[int] | None = field(default=None, metadata=_term("前十二个月自负医疗支出", Kind.FEN))
    education_year_fen: Fact[int] | None = field(default=None, metadata=_term("前十二个月教育支出", Kind.FEN))
    rehab_year_fen: Fact[int] | None = field(default=None, metadata=_term("前十二个月残疾康复支出", Kind.FEN))
    other_rigid_year_fen: Fact[int] | None = field(default=None, metadata=_term("前十二个月其他刚性支出", Kind.FEN))


@dataclass(frozen=True, kw_only=True)
class HouseholdFacts(_Facts):
    """A household and what it owns together. Financial assets are the whole household's, in fen."""

    members: tuple[MemberFacts, ...]
    hukou_here: Fact[bool] | None = field(default=None, metadata=_term("户籍在受理县区", Kind.FLAG))
    financial_fen: Fact[int] | None = field(default=None, metadata=_term("货币财产", Kind.FEN))
    vehicles: Fact[int] | None = field(default=None, metadata=_term("登记机动车", Kind.COUNT))
    vehicles_exempt: Fact[int] | None = field(default=None, metadata=_term("经核实属生产生活必需的机动车", Kind.COUNT))
    houses: Fact[int] | None = field(default=None, metadata=_term("登记住房", Kind.COUNT))
    houses_exempt: Fact[int] | None = field(default=None, metadata=_term("经核实可以不计的住房", Kind.COUNT))
    income_year_fen: Fact[int] | None = field(
        default=None, metadata=_term("前十二个月家庭总收入", Kind.FEN, said=True))
    emergency: Fact[int] | None = field(default=None, metadata=_term("急难情形", Kind.CODE, Emergency, claim=True))
    asked_fen: Fact[int] | None = field(default=None, metadata=_term("申请的救助金额", Kind.FEN, claim=True))
    temporary_year_fen: Fact[int] | None = field(
        default=None, metadata=_term("本年度已发的临时救助金", Kind.FEN, claim=True))
    meeting_fen: Fact[int] | None = field(default=None, metadata=_term("县级一事一议议定的金额", Kind.FEN, claim=True))

    def everywhere_declared_none(self, source: str, as_of: dt.date) -> HouseholdFacts:
        """`declared_none` for the household and each member."""
        members = tuple(member.declared_none(source, as_of) for member in self.members)
        return replace(self.declared_none(source, as_of), members=members)


MEMBER_TERMS = MemberFacts.vocabulary()
HOUSEHOLD_TERMS = HouseholdFacts.vocabulary()
