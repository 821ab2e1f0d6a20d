"""特困人员救助供养 as a service matter (事项)."""

from __future__ import annotations

from minzheng.office.matters.definitions import Material, Matter, TaskForm
from minzheng.scenes.assistance import panels
from minzheng.scenes.assistance.household import IDENTITY, always, tasks
from minzheng.scenes.assistance.kinds import Kind
from minzheng.scenes.assistance.tekun import actions
from minzheng.scenes.assistance.tekun.forms import CareForm, SelfCareForm, TekunForm

_LAW = ("《中华人民共和国社会救助法》第十六条", "《特困人员认定办法》第四条")

KIND = Kind(
    matter="tekun", title="特困供养", scheme="tekun", prefix="tekun", benefit="tekun", confirm_basis=_LAW, refuse_basis=_LAW,
    refuse_clause="《特困人员认定办法》", recognises={"tekun": "tekun"}, review_parameter=always("tekun.review.months"),
    extra_form=TekunForm, enrich=actions.enrich, itemised=True, not_ready=actions.not_ready, panels=actions.panels)

MATTER = Matter(
    code="tekun", version=1, name="特困人员救助供养申请", short_name="特困供养", scene="assistance", icon="home-heart",
    summary="无劳动能力、无生活来源、无人赡养抚养扶养的人,由政府供养",
    legal_basis=("《中华人民共和国社会救助法》第十六条、第十七条", "《特困人员认定办法》"),
    levels=(3, 4, 5), channels=("window", "phone", "web", "discovery"), form_version=1,
    process="tekun", process_version=1, scheme="tekun",
    promise="乡镇(街道)自受理之日起 15 个工作日内调查并提出初审意见,公示 7 天;县级自收到材料之日起 15 个工作日内确认。",
    materials=(*IDENTITY, Material("obligors", "义务人情况证明(能共享查到的免交)", "upload", required=False,
                                   help="义务人没有履行能力的,可提供证明")),
    tasks=tasks(
        "同意,按测算金额确认",
        TaskForm("self_care", {"done": "评估完成"}, actions.complete_self_care, SelfCareForm, "tekun/task_self_care.html",
                 prepare=actions.prepare),
        TaskForm("arrange", {"done": "已落实"}, actions.complete_care, CareForm, "tekun/task_care.html",
                 prepare=actions.prepare),
        extends=False),
    outcome="符合条件的,从确认的次月起按月发放基本生活费和照料护理费,可以在家,也可以进供养机构;不符合的,书面告知理由。",
    who=("60 周岁以上的老年人、16 周岁以下的未成年人,或者达到规定等级的残疾人", "没有生活来源:收入低于低保标准,财产符合规定",
         "没有法定义务人,或者义务人没有履行能力", "三项都要符合"),
    questions=(
        ("哪些收入不算?", "城乡居民基础养老金、基本医疗保险等社会保险、优待抚恤金、高龄津贴不算。", "《特困人员认定办法》第六条"),
        ("子女也困难,能算没有履行能力吗?",
         "义务人是特困人员、60 周岁以上的低保对象、70 周岁以上且收入财产在规定内、重度残疾且收入财产在规定内,或者无民事行为能力、失踪、服刑的,算没有履行能力。",
         "《特困人员认定办法》第八条"),
        ("自理能力怎么评?", "看吃饭、穿衣、上下床、如厕、室内行走、洗澡六项。六项都能做是全自理,1 至 3 项不能是半护理,4 项以上不能是全护理。",
         "《特困人员认定办法》第二十二条"),
        ("身体变差了怎么办?", "随时可以在手机上或到乡镇(街道)报告,10 个工作日内重新评估。", "《特困人员认定办法》"),
    ),
    keywords=("特困", "五保", "供养", "孤老", "敬老院", "照料", "救助"),
    intake_url="assistance:intake_tekun", intake_roles=("town_clerk", "village_worker", "county_clerk"),
    apply_url="assistance_my:apply_tekun", panels=panels.for_officer, citizen_panels=panels.for_citizen, acts=panels.acts,
)
