"""刚性支出困难家庭 as a service matter (事项)."""

from __future__ import annotations

from minzheng.office.matters.definitions import Material, Matter, TaskForm
from minzheng.scenes.assistance import panels
from minzheng.scenes.assistance.household import IDENTITY, ILLNESS, always, tasks
from minzheng.scenes.assistance.kinds import Kind
from minzheng.scenes.assistance.rigid import actions
from minzheng.scenes.assistance.rigid.forms import BillsForm, YearForm

_LAW = "《中华人民共和国社会救助法》第二十二条"
_METHOD = "《刚性支出困难家庭认定办法》第四条"

KIND = Kind(
    matter="rigid", title="刚性支出困难家庭", scheme="rigid", prefix="rigid", confirm_basis=(_LAW, _METHOD),
    refuse_basis=(_LAW, _METHOD), refuse_clause="参照民发〔2021〕57号第二十一条", recognises={"rigid": "rigid"},
    review_parameter=always("rigid.valid_months"), valid_months="rigid.valid_months", extra_form=YearForm,
    enrich=actions.enrich, panels=actions.panels)

MATTER = Matter(
    code="rigid", version=1, name="刚性支出困难家庭认定申请", short_name="刚性支出困难", scene="assistance", icon="receipt",
    summary="看病、上学、康复等必需支出太大的家庭,认定后可申请专项救助",
    legal_basis=(_LAW, "《刚性支出困难家庭认定办法》"),
    levels=(3, 4, 5), channels=("window", "phone", "web", "discovery"), form_version=1,
    process="rigid", process_version=1, scheme="",
    promise="自受理之日起 30 个工作日内办结;情况特殊的可延长到 45 个工作日。",
    materials=(*IDENTITY, ILLNESS, Material("bills", "前 12 个月医疗、教育、康复等支出票据", "upload",
                                            help="医疗费交医保结算单;教育费按当地公办学校标准")),
    tasks=tasks("同意,予以认定", TaskForm(
        "bills", {"done": "核实完成"}, actions.complete_bills, BillsForm, "rigid/task_bills.html",
        prepare=actions.prepare_bills)),
    outcome="符合条件的,书面认定为刚性支出困难家庭,有效期最长 12 个月,到期自动失效;不按月发钱,可以申请专项救助和支出型临时救助。",
    who=("不是低保、特困、低保边缘家庭", "家庭人均收入低于上年度居民人均可支配收入", "家庭财产符合规定",
         "前 12 个月的刚性支出占家庭总收入的比例超过规定"),
    questions=(
        ("哪些算刚性支出?", "必需的生活支出,医保报销后自己付的医疗费,按公办学校标准的教育费,残疾康复费,以及其他必需支出。",
         "《刚性支出困难家庭认定办法》"),
        ("要准备什么票据?", "前 12 个月的医保结算单、缴费收据、康复机构收据等。没有票据的金额不能认可。", "《刚性支出困难家庭认定办法》"),
        ("认定多久有效?", "最长 12 个月,到期前一个月会提醒您;还困难的可以重新申请。", "《刚性支出困难家庭认定办法》"),
    ),
    keywords=("刚性支出", "支出型", "看病", "大病", "上学", "困难", "救助"),
    intake_url="assistance:intake_rigid", intake_roles=("town_clerk", "village_worker", "county_clerk"),
    apply_url="assistance_my:apply_rigid", panels=panels.for_officer, citizen_panels=panels.for_citizen, acts=panels.acts,
)
