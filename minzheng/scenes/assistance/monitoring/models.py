"""What monitoring knows (means, signals, listings), what each night found (outcomes), and alerts with their grounds.

Rows about a household follow it to another place by foreign keys; rows about a person follow the person.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField

GRADES = {1: "红色", 2: "橙色", 3: "黄色"}
LISTINGS = {"return": "防止返贫监测对象", "other": "其他困难人员"}
SIGNALS = {"unemployed": "失业登记", "hospital": "医疗费用结算", "death": "死亡", "vehicle": "新登记机动车",
           "disability": "新核发残疾证", "left_school": "离校", "illness": "新确诊重特大疾病"}
OPEN = ("open", "watching", "applying")
STATES = {"open": "待处置", "watching": "持续观察", "applying": "等待提交申请", "applied": "已提交申请", "referred": "已转介",
          "dismissed": "核实无需处置", "merged": "并入其他预警", "ended": "已无处置对象"}

# Columns of Means that are amounts or counts; the names are words of the rules' vocabulary.
MEMBER_AMOUNTS = ("wage_fen", "work_cost_fen", "business_fen", "property_fen", "transfer_fen", "other_fen",
                  "basic_pension_fen", "exempt_fen", "rigid_fen", "living_year_fen", "medical_year_fen",
                  "education_year_fen", "rehab_year_fen", "other_rigid_year_fen")
ASSETS = ("financial_fen", "vehicles", "vehicles_exempt", "houses", "houses_exempt")
FLAGS = ("executive", "public_payroll", "private_school", "studies_abroad", "travels_abroad")
MARKS = ("absence", *FLAGS)


class Means(models.Model):
    """The latest known income, expenses and property of one person: monthly fen, or fen of twelve months where the name
    says year. NULL is unknown, never zero. Where each value came from stands in MeansSource."""

    person_id = models.BigIntegerField(primary_key=True)
    jurisdiction = JurisdictionField()
    wage_fen = models.BigIntegerField("工资性收入", null=True)
    work_cost_fen = models.BigIntegerField("必要就业成本", null=True)
    business_fen = models.BigIntegerField("经营净收入", null=True)
    property_fen = models.BigIntegerField("财产净收入", null=True)
    transfer_fen = models.BigIntegerField("转移净收入", null=True)
    other_fen = models.BigIntegerField("其他收入", null=True)
    basic_pension_fen = models.BigIntegerField("城乡居民基础养老金", null=True)
    exempt_fen = models.BigIntegerField("不计入收入的款物", null=True)
    rigid_fen = models.BigIntegerField("残疾或重病增加的刚性支出", null=True)
    living_year_fen = models.BigIntegerField("前十二个月必需生活支出", null=True)
    medical_year_fen = models.BigIntegerField("前十二个月自负医疗支出", null=True)
    education_year_fen = models.BigIntegerField("前十二个月教育支出", null=True)
    rehab_year_fen = models.BigIntegerField("前十二个月残疾康复支出", null=True)
    other_rigid_year_fen = models.BigIntegerField("前十二个月其他刚性支出", null=True)
    financial_fen = models.BigIntegerField("货币财产", null=True)
    vehicles = models.SmallIntegerField("登记机动车", null=True)
    vehicles_exempt = models.SmallIntegerField("经核实属生产生活必需的机动车", null=True)
    houses = models.SmallIntegerField("登记住房", null=True)
    houses_exempt = models.SmallIntegerField("经核实可以不计的住房", null=True)
    absence = models.SmallIntegerField("不计入家庭成员的情形", null=True)
    executive = models.SmallIntegerField("企业股东或高级管理人员", null=True)
    public_payroll = models.SmallIntegerField("财政供养人员", null=True)
    private_school = models.SmallIntegerField("就读高收费民办学校", null=True)
    studies_abroad = models.SmallIntegerField("自费出国(境)留学", null=True)
    travels_abroad = models.SmallIntegerField("出国(境)旅游", null=True)
    as_of = models.DateField("数据时间")
    updated_at = models.DateTimeField("更新时间")


class MeansSource(models.Model):
    """Which department or paper said which value, and when it was true. Append-only; the newest `as_of` is in Means.
    Words of the vocabulary that Means has no column for (法定义务人数 …) live here only."""

    person_id = models.BigIntegerField("人")
    jurisdiction = JurisdictionField(db_index=False)
    attribute = models.TextField("项目")
    value = models.BigIntegerField("值")
    department = models.TextField("来源部门")
    as_of = models.DateField("数据时间")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_id", "attribute", "-as_of"], name="monitoring_source_person"),
            models.Index(fields=["jurisdiction", "attribute"], name="monitoring_source_rare",
                         condition=~Q(attribute__in=(*MEMBER_AMOUNTS, *ASSETS, *MARKS))),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person_id", "attribute", "department", "as_of"],
                                    name="monitoring_source_once")]


class Signal(models.Model):
    """Something that happened to a person, as a department reported it. `key` is the department's own number of it, so a
    repeated report is the same signal."""

    person_id = models.BigIntegerField("人")
    jurisdiction = JurisdictionField(db_index=False)
    kind = models.CharField("种类", max_length=16, choices=list(SIGNALS.items()))
    key = models.TextField("部门编号")
    happened_on = models.DateField("发生日期")
    amount = models.BigIntegerField("金额(分)或等级", default=0)
    department = models.TextField("来源部门")
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["jurisdiction", "happened_on"], name="monitoring_signal_place"),
            models.Index(fields=["person_id", "-happened_on"], name="monitoring_signal_person"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "department", "key"], name="monitoring_signal_once")]


class Listing(models.Model):
    """防止返贫监测对象 or 其他困难人员: a household that an officer has entered, until it is taken off (both ends dated)."""

    household_id = models.BigIntegerField("户")
    jurisdiction = JurisdictionField()
    kind = models.CharField("类别", max_length=8, choices=list(LISTINGS.items()))
    reason = EncryptedTextField("致困原因")
    since = models.DateField("列入日期")
    until = models.DateField("移出日期", null=True)
    end_reason = EncryptedTextField("移出原因", blank=True, default="")
    entered_by = models.BigIntegerField()
    entered_name = models.TextField("登记人")
    entered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household_id", "kind"], condition=Q(until=None),
                                    name="monitoring_listed_once")]

    @property
    def kind_title(self) -> str:
        return LISTINGS[self.kind]


class Collected(models.Model):
    """What one department's nightly file of signals brought. `through`: the last day that has been told of, from which the
    next night goes on; a silent department keeps the one before."""

    STATES: ClassVar = {"taken": "已接收", "not_answered": "未应答", "refused": "对方拒绝", "bad_signature": "签名不符",
                        "malformed": "内容不合格式"}
    night = models.DateField("日期")
    place = models.TextField("范围")
    department = models.TextField("部门")
    name = models.TextField("部门名称")
    status = models.CharField("结果", max_length=16, choices=list(STATES.items()))
    detail = models.TextField("说明", blank=True)
    through = models.DateField("已报送到", null=True)
    told = models.IntegerField("报送条数", default=0)
    fresh = models.IntegerField("新信号", default=0)
    unknown = models.IntegerField("不在人口库", default=0)
    mismatched = models.IntegerField("姓名不符", default=0)
    at = models.DateTimeField("接收时间")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "department", "night"], name="monitoring_collected_once")]


class Sweep(models.Model):
    """One night's sweep of a place. `night` is the day whose facts and law are used, fixed when it began."""

    night = models.DateField("日期")
    place = models.TextField("范围")
    run = models.BigIntegerField("任务")
    status = models.CharField("状态", max_length=8, choices=[("running", "进行中"), ("done", "已完成")], default="running")
    schemes = ArrayField(models.TextField(), default=list)
    plan = models.JSONField("各段范围", default=list)
    households = models.IntegerField("户数", default=0)
    persons = models.IntegerField("人数", default=0)
    lacking = models.IntegerField("数据不全无法测算的户", default=0)
    matters = models.IntegerField("需要关注的户", default=0)
    opened = models.IntegerField("新预警", default=0)
    joined = models.IntegerField("并入在办预警", default=0)
    known = models.IntegerField("没有新情况,不再提示", default=0)
    began_at = models.DateTimeField("开始")
    ended_at = models.DateTimeField("完成", null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["night", "place"], name="monitoring_one_sweep_a_night")]


class SweptRange(models.Model):
    """A range of places [low, high) that a sweep has dealt with, and how long each part took (milliseconds)."""

    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="ranges")
    low = models.TextField()
    high = models.TextField()
    households = models.IntegerField()
    persons = models.IntegerField()
    lacking = models.IntegerField()
    matters = models.IntegerField()
    read_ms = models.IntegerField()
    evaluate_ms = models.IntegerField()
    write_ms = models.IntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sweep", "low"], name="monitoring_range_once")]


class Outcome(models.Model):
    """What a night found of one household that matters. `reasons` (JSON, encrypted: it may tell of illness) explains;
    `fingerprints` are those of the facts behind it."""

    night = models.DateField("日期")
    household_id = models.BigIntegerField("户")
    jurisdiction = JurisdictionField(db_index=False)
    grade = models.SmallIntegerField("等级", choices=list(GRADES.items()))
    rules = ArrayField(models.TextField(), verbose_name="规则")
    fingerprints = ArrayField(models.TextField())
    per_capita_fen = models.BigIntegerField("人均月收入", null=True)
    reasons = EncryptedTextField("原因")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "night"], name="monitoring_outcome_place")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["night", "household_id"], name="monitoring_outcome_once")]


class Alert(models.Model):
    """预警 about one household: open until an officer closes it with an outcome; at most one open a household.

    `case_code` is the application that the household handed in; until then a visit that found it entitled waits for it, and
    comes back after `apply_by`."""

    household_id = models.BigIntegerField("户")
    jurisdiction = JurisdictionField(db_index=False)
    head_name = models.TextField("户主")
    grade = models.SmallIntegerField("等级", choices=list(GRADES.items()))
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="open")
    by_worker = models.BooleanField("由村(社区)处置")
    night = models.DateField("发现日期")
    opened_at = models.DateTimeField("生成时间")
    watch_until = models.DateField("观察至", null=True)
    outcome_text = EncryptedTextField("处置说明", blank=True, default="")
    apply_by = models.DateField("应提交申请的日期", null=True)
    case_code = models.TextField("受理号", blank=True, default="")
    closed_by = models.BigIntegerField(null=True)
    closed_name = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["jurisdiction", "grade", "id"], name="monitoring_alert_open",
                         condition=Q(state__in=OPEN)),
            models.Index(fields=["household_id", "-id"], name="monitoring_alert_household"),
            models.Index(fields=["watch_until"], name="monitoring_alert_watch", condition=Q(state="watching")),
            models.Index(fields=["apply_by"], name="monitoring_alert_applying", condition=Q(state="applying")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household_id"], condition=Q(state__in=OPEN), name="monitoring_one_open"),
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="monitoring_alert_place"),
        ]

    @property
    def number(self) -> str:
        """预警编号, what pages, addresses and the process use."""
        return f"YJ{self.pk:010d}"

    @property
    def state_title(self) -> str:
        if self.state == "applied" and not self.case_code:  # before applications were followed
            return "已帮助申请"
        return STATES[self.state]

    @property
    def grade_title(self) -> str:
        return GRADES[self.grade]


class OfAlert(models.Model):
    """A row that belongs to an alert and follows it to another place by a foreign key."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="%(class)ss")
    jurisdiction = JurisdictionField(db_index=False)

    class Meta:
        abstract = True


class Reason(OfAlert):
    """Why an alert was raised: one rule with the facts that it read, in words. `last_held` is the latest night on which
    the rule still held."""

    household_id = models.BigIntegerField()
    rule = models.TextField("规则")
    grade = models.SmallIntegerField(choices=list(GRADES.items()))
    title = models.TextField("名称")
    text = EncryptedTextField("说明")
    source = models.TextField("来源")
    clause = models.TextField("依据")
    sample = models.BooleanField("含示例值")
    raised_on = models.DateField("提出日期")
    last_held = models.DateField("最近一次成立")


class Ground(OfAlert):
    """The fingerprint of one fact that has raised an alert of the household: it never raises another."""

    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, related_name="grounds")
    household_id = models.BigIntegerField()
    fingerprint = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household_id", "fingerprint"], name="monitoring_ground_once")]


class AlertEvent(OfAlert):
    """What happened to an alert, in order; append-only."""

    KINDS: ClassVar = {"opened": "生成预警", "joined": "出现新情况", "visit": "上门走访", "applied": "帮助申请救助",
                       "referred": "转介", "dismissed": "核实无需处置", "watching": "持续观察", "watch_over": "观察到期",
                       "merged": "并入其他预警", "applying": "帮助申请,等待提交", "filed": "已提交申请", "no_case": "逾期没有提交申请",
                       "moved": "随户转交", "ended": "终止"}
    kind = models.CharField(max_length=10, choices=list(KINDS.items()))
    text = EncryptedTextField(blank=True, default="")
    name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["alert", "id"], name="monitoring_event_alert")]
