"""The ledger (总账), payment runs (发放批次), lines, envelopes (拨付批次) and what the bank returns. Money is whole fen."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from minzheng.base.crypto.fields import EncryptedTextField
from minzheng.base.scope.fields import JurisdictionField
from minzheng.office.benefits.models import Entitlement

OPEN, HELD, SEALED, SENT, PAID = "open", "held", "sealed", "sent", "paid"
REJECTED, REISSUED, CANCELLED = "rejected", "reissued", "cancelled"
LINE_STATES = (
    (OPEN, "待封包"), (HELD, "暂缓"), (SEALED, "已封包"), (SENT, "已送银行"), (PAID, "已到账"), (REJECTED, "银行退回"),
    (REISSUED, "已重发"), (CANCELLED, "已取消"),
)  # fmt: skip
SPLIT = ("central_fen", "province_fen", "city_fen", "county_fen")


class Account(models.Model):
    """会计科目. A posting's jurisdiction says whose; debit is positive, credit negative."""

    code = models.TextField(primary_key=True)
    title = models.TextField()
    normal = models.SmallIntegerField(choices=((1, "借"), (-1, "贷")))


class Entry(models.Model):
    """记账凭证, append-only. `key` names what it records, so that nothing is recorded twice."""

    key = models.TextField(unique=True)
    day = models.DateField()
    jurisdiction = JurisdictionField(db_index=False)
    kind = models.TextField()
    memo = models.TextField()
    by_account = models.BigIntegerField()
    by_name = models.TextField()
    xid = models.BigIntegerField(default=0, editable=False)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "day", "id"], name="entry_day")]


class Posting(models.Model):
    """分录. The postings of an entry add up to zero when the transaction commits, and none is added later."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    jurisdiction = JurisdictionField(db_index=False)
    scheme = models.TextField(blank=True)
    fen = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "account", "scheme"], name="posting_account")]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(fen=0), name="posting_not_zero")]


class PaymentRun(models.Model):
    """One month's list of one scheme in one county. A supplement (补发) catches up what earlier months still owe.
    An urgent run (急发) pays what is owed of a scheme that pays once, without waiting for the month's run."""

    KINDS: ClassVar = (("regular", "月度发放"), ("supplement", "补发"), ("urgent", "急发"))
    STATES: ClassVar = (("building", "编制中"), ("built", "已编制"))
    month = models.DateField()
    scheme = models.TextField()
    jurisdiction = JurisdictionField(db_index=False)
    kind = models.TextField(choices=KINDS)
    seq = models.PositiveIntegerField(default=0)
    state = models.TextField(choices=STATES, default="building")
    shares = models.JSONField(default=dict)
    due_fen = models.BigIntegerField(default=0)
    line_count = models.IntegerField(default=0)
    total_fen = models.BigIntegerField(default=0)
    held_count = models.IntegerField(default=0)
    built_by = models.BigIntegerField()
    built_post = models.BigIntegerField()
    built_name = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "scheme", "month", "kind", "seq"], name="run_once"),
        ]

    @property
    def number(self) -> str:
        return f"R{self.pk:08d}"


class Envelope(models.Model):
    """Sealed lines with declared count, sum and digest; what is struck before release is counted apart (核减)."""

    STATES: ClassVar = (("sealed", "待复核"), ("approved", "待放款"), ("released", "待送银行"), ("sent", "已送银行"),
                        ("closed", "已结清"), ("void", "已作废"))
    number = models.TextField(unique=True)
    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="envelopes")
    jurisdiction = JurisdictionField(db_index=False)
    seq = models.PositiveIntegerField()
    state = models.TextField(choices=STATES, default="sealed")
    count = models.IntegerField()
    fen = models.BigIntegerField()
    digest = models.TextField()
    required = models.JSONField(default=list)
    struck_count = models.IntegerField(default=0)
    struck_fen = models.BigIntegerField(default=0)
    file_digest = models.TextField(blank=True, default="")
    receipt = models.TextField(blank=True, default="")
    trouble = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "state", "id"], name="envelope_place")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "seq"], name="envelope_once"),
            models.CheckConstraint(name="envelope_sums", condition=Q(struck_count__gte=0) & Q(struck_fen__gte=0)
                                   & Q(count__gte=F("struck_count")) & Q(fen__gte=F("struck_fen"))),
        ]

    @property
    def net_count(self) -> int:
        return self.count - self.struck_count

    @property
    def net_fen(self) -> int:
        return self.fen - self.struck_fen


class EnvelopeSignature(models.Model):
    """One step on an envelope. One account takes one step only, whatever posts it holds: the database sees to it."""

    STEPS: ClassVar = (("build", "编制"), ("county_finance", "资金复核"), ("county_leader", "负责人审批"),
                       ("release", "放款"))
    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, related_name="signatures")
    jurisdiction = JurisdictionField(db_index=False)
    step = models.TextField(choices=STEPS)
    account = models.BigIntegerField()
    post = models.BigIntegerField()
    role = models.TextField()
    name = models.TextField()
    statement = models.TextField()
    signature = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["envelope", "step"], name="signature_step"),
            models.UniqueConstraint(fields=["envelope", "account"], name="signature_four_eyes"),
        ]


class BandSet(models.Model):
    """A county's own 签批权限 from a day on: `bands` are {up_to_fen (null: any sum), roles}, rising. Drafted by finance, put in
    force by a leader who is another person; what is in force is never changed (a trigger), a later set takes its place."""

    STATES: ClassVar = (("draft", "待负责人生效"), ("in_force", "已生效"), ("refused", "未同意"), ("withdrawn", "已撤回"))
    jurisdiction = JurisdictionField()
    from_date = models.DateField("从哪天起")
    bands = models.JSONField()
    source = models.TextField("依据文件")
    state = models.TextField(choices=STATES, default="draft")
    drafted_by = models.BigIntegerField()
    drafted_name = models.TextField()
    drafted_at = models.DateTimeField()
    answered_by = models.BigIntegerField(null=True)
    answered_name = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction"], name="bandset_one_draft", condition=Q(state="draft")),
            models.UniqueConstraint(fields=["jurisdiction", "from_date"], name="bandset_one_a_day",
                                    condition=Q(state="in_force")),
            models.CheckConstraint(name="bandset_two_people", condition=~Q(state="in_force")
                                   | (Q(answered_by__isnull=False) & ~Q(answered_by=F("drafted_by")))),
        ]

    @property
    def number(self) -> str:
        return f"QX{self.pk:08d}"


class SignatureBand(models.Model):
    """签批权限 of a county that has none of its own: which roles sign an envelope up to a sum (null: any), from a date on."""

    from_date = models.DateField()
    up_to_fen = models.BigIntegerField(null=True)
    roles = models.JSONField()
    source = models.TextField()
    sample = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["from_date", "up_to_fen"], nulls_distinct=False, name="band_once"),
        ]


class PaymentLine(models.Model):
    """One entitlement's money for one month. Unique by (entitlement, month, kind, seq): nobody is paid twice.

    Run, envelope and entitlement are not checked by foreign-key triggers (a third of the time of a million lines): lines
    are only made by INSERT … SELECT from those tables, nobody may delete from them, and the daily proof looks.
    """

    KINDS: ClassVar = (("regular", "当月"), ("supplement", "补发"), ("urgent", "急发"), ("reissue", "重发"))
    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    envelope = models.ForeignKey(Envelope, null=True, on_delete=models.PROTECT, related_name="lines", db_index=False,
                                 db_constraint=False)
    number = models.IntegerField("序号", null=True)
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="+", db_index=False,
                                    db_constraint=False)
    jurisdiction = JurisdictionField(db_index=False)
    scheme = models.TextField()
    month = models.DateField()
    kind = models.TextField(choices=KINDS)
    seq = models.PositiveSmallIntegerField(default=0)
    state = models.TextField(choices=LINE_STATES)
    note = models.TextField(blank=True, default="")
    persons = models.PositiveSmallIntegerField()
    fen = models.BigIntegerField()
    central_fen = models.BigIntegerField()
    province_fen = models.BigIntegerField()
    city_fen = models.BigIntegerField()
    county_fen = models.BigIntegerField()
    payee_name = models.TextField()
    payee_account = EncryptedTextField(context="benefits_entitlement.payee_account")
    payee_id_number = EncryptedTextField(context="benefits_entitlement.payee_id_number")
    payee_version = models.PositiveIntegerField()
    row_index = models.BinaryField(null=True)
    bank_code = models.TextField(blank=True, default="")
    bank_message = models.TextField(blank=True, default="")
    bank_serial = models.TextField(blank=True, default="")
    settled_on = models.DateField(null=True)
    reissue_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="reissued_as",
                                   db_index=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["jurisdiction", "month", "id"], name="line_place"),
            models.Index(fields=["envelope", "number"], name="line_envelope", condition=Q(envelope__isnull=False)),
            models.Index(fields=["jurisdiction", "id"], name="line_attention",
                         condition=Q(state__in=(HELD, REJECTED))),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entitlement", "month", "kind", "seq"], name="line_once"),
            models.UniqueConstraint(fields=["reissue_of"], name="line_reissued_once",
                                    condition=Q(reissue_of__isnull=False)),
            models.CheckConstraint(name="line_amount", condition=Q(fen__gt=0) & Q(central_fen__gte=0)
                                   & Q(province_fen__gte=0) & Q(city_fen__gte=0) & Q(county_fen__gte=0)
                                   & Q(fen=F("central_fen") + F("province_fen") + F("city_fen") + F("county_fen"))),
            models.CheckConstraint(name="line_in_envelope", condition=~Q(state__in=(SEALED, SENT, PAID, REJECTED))
                                   | Q(envelope__isnull=False, number__isnull=False)),
            models.CheckConstraint(name="line_reissue", condition=Q(kind="reissue", reissue_of__isnull=False)
                                   | (~Q(kind="reissue") & Q(reissue_of=None))),
        ]

    @property
    def code(self) -> str:
        """明细编号, what pages and addresses use (`number` is the row in the bank file)."""
        return f"L{self.pk:010d}"


class ReturnFile(models.Model):
    """回盘文件, taken once per digest. The totals are those that the bank declares, not those we count."""

    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, related_name="returns")
    jurisdiction = JurisdictionField(db_index=False)
    digest = models.TextField()
    rows = models.IntegerField()
    declared_count = models.IntegerField()
    declared_paid_count = models.IntegerField()
    declared_paid_fen = models.BigIntegerField()
    paid = models.IntegerField()
    paid_fen = models.BigIntegerField()
    rejected = models.IntegerField()
    repeated = models.IntegerField()
    quarantined = models.IntegerField()
    missing = models.IntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["envelope", "digest"], name="return_once")]


class ReturnOddity(models.Model):
    """A returned row that was not simply matched: repeated, contradictory or unknown. Unknown ones are never guessed."""

    KINDS: ClassVar = (("repeated", "重复行"), ("contrary", "矛盾行"), ("unknown", "无法识别"))
    file = models.ForeignKey(ReturnFile, on_delete=models.PROTECT, related_name="oddities")
    jurisdiction = JurisdictionField(db_index=False)
    row = models.IntegerField()
    kind = models.TextField(choices=KINDS)
    note = models.TextField()
    raw = EncryptedTextField()
    resolution = models.TextField(blank=True, default="")
    resolved_by = models.TextField(blank=True, default="")
    resolved_at = models.DateTimeField(null=True)


class Receivable(models.Model):
    """应收追回: what was paid and was not due."""

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="+")
    jurisdiction = JurisdictionField(db_index=False)
    key = models.TextField(unique=True)
    fen = models.BigIntegerField()
    repaid_fen = models.BigIntegerField(default=0)
    reason = models.TextField()
    decision = models.TextField()
    by_account = models.BigIntegerField()
    by_name = models.TextField()
    opened_on = models.DateField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "id"], name="receivable_open",
                                          condition=Q(fen__gt=F("repaid_fen")))]
        constraints: ClassVar = [
            models.CheckConstraint(name="receivable_not_over", condition=Q(fen__gt=0) & Q(repaid_fen__gte=0)
                                   & Q(fen__gte=F("repaid_fen"))),
        ]

    @property
    def number(self) -> str:
        return f"ZH{self.pk:08d}"

    @property
    def open_fen(self) -> int:
        return self.fen - self.repaid_fen


class Instalment(models.Model):
    """One agreed part of a recovery."""

    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="instalments")
    jurisdiction = JurisdictionField(db_index=False)
    due_on = models.DateField()
    fen = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["receivable", "due_on"], name="instalment_once"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="instalment_positive"),
        ]


class DayProof(models.Model):
    """日终平账表 of a county, as it stood when it was made; the latest of a day counts."""

    day = models.DateField()
    jurisdiction = JurisdictionField(db_index=False)
    ok = models.BooleanField()
    rows = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "-day", "-id"], name="proof_latest")]


class ImprestFund(models.Model):
    """备用金 of a township for a scheme: cash advanced by the county. `balance_fen` is never negative, nor above the ceiling."""

    scheme = models.TextField()
    jurisdiction = JurisdictionField("乡镇(街道)")
    ceiling_fen = models.BigIntegerField("核定额度")
    balance_fen = models.BigIntegerField("余额", default=0)
    opened_by = models.BigIntegerField()
    opened_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "scheme"], name="imprest_once"),
            models.UniqueConstraint(fields=["id", "jurisdiction"], name="imprest_id_place"),
            models.CheckConstraint(name="imprest_not_overdrawn", condition=Q(balance_fen__gte=0)
                                   & Q(ceiling_fen__gte=F("balance_fen"))),
        ]

    @property
    def number(self) -> str:
        return f"BY{self.pk:08d}"


class ImprestSettlement(models.Model):
    """报账单: payments with their papers, from the township; the county checks them and they become expense. Two people."""

    STATES: ClassVar = (("submitted", "待县级审核"), ("approved", "已报账"), ("returned", "退回补正"))
    fund = models.ForeignKey(ImprestFund, on_delete=models.PROTECT, related_name="settlements")
    jurisdiction = JurisdictionField(db_index=False)
    state = models.TextField(choices=STATES, default="submitted")
    count = models.IntegerField()
    fen = models.BigIntegerField()
    submitted_by = models.BigIntegerField()
    submitted_name = models.TextField()
    submitted_at = models.DateTimeField()
    answered_by = models.BigIntegerField(null=True)
    answered_name = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["fund"], name="settlement_one_open", condition=Q(state="submitted")),
            models.CheckConstraint(name="settlement_two_people", condition=Q(answered_by=None)
                                   | ~Q(answered_by=F("submitted_by"))),
        ]

    @property
    def number(self) -> str:
        return f"BZ{self.pk:08d}"


class ImprestMove(models.Model):
    """One movement of a fund, once per `ref`; amounts are kept as written. A payment names its case and receiver, and is
    `settled` when its settlement is approved; `papers` says that its written explanation is there."""

    KINDS: ClassVar = (("topup", "拨入"), ("pay", "付款"), ("back", "退回"))
    METHODS: ClassVar = (("cash", "现金"), ("transfer", "转账"), ("goods", "实物采购"))
    fund = models.ForeignKey(ImprestFund, on_delete=models.PROTECT, related_name="moves")
    jurisdiction = JurisdictionField(db_index=False)
    kind = models.TextField(choices=KINDS)
    ref = models.TextField(unique=True)
    fen = models.BigIntegerField()
    parts = models.JSONField(default=dict)
    case_code = models.TextField(blank=True, default="")
    receiver = models.TextField(blank=True, default="")
    method = models.TextField(choices=METHODS, blank=True, default="")
    note = models.TextField(blank=True, default="")
    papers = models.BooleanField(default=False)
    settlement = models.ForeignKey(ImprestSettlement, null=True, on_delete=models.PROTECT, related_name="moves")
    by_account = models.BigIntegerField()
    by_name = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["fund", "-id"], name="imprest_move_fund")]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(fen__gt=0), name="imprest_move_positive")]
