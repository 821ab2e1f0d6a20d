"""低保边缘家庭 as a service matter (事项)."""

from __future__ import annotations

from minzheng.office.matters.definitions import Matter
from minzheng.scenes.assistance import panels
from minzheng.scenes.assistance.household import MATERIALS, always, tasks
from minzheng.scenes.assistance.kinds import Kind

_LAW = "《中华人民共和国社会救助法》第二十一条"
_METHOD = "《最低生活保障审核确认办法》(民发〔2021〕57号)第八条"

KIND = Kind(
    matter="edge", title="低保边缘家庭", scheme="edge", prefix="edge", confirm_basis=(_LAW, _METHOD),
    refuse_basis=(_LAW, _METHOD), refuse_clause="参照民发〔2021〕57号第二十一条", recognises={"edge": "edge"},
    review_parameter=always("edge.review.months"))

MATTER = Matter(
    code="edge", version=1, name="最低生活保障边缘家庭认定申请", short_name="低保边缘", scene="assistance", icon="home",
    summary="收入高于低保标准、低于1.5倍的家庭,认定后可申请专项救助",
    legal_basis=(_LAW, "《最低生活保障审核确认办法》(民发〔2021〕57号)"),
    levels=(3, 4, 5), channels=("window", "phone", "web", "discovery"), form_version=1,
    process="edge", process_version=1, scheme="",
    promise="自受理之日起 30 个工作日内办结;情况特殊的可延长到 45 个工作日。",
    materials=MATERIALS, tasks=tasks("同意,予以认定"),
    outcome="符合条件的,书面认定为低保边缘家庭,不按月发钱,可以申请医疗、教育、住房、就业等专项救助;每年复核一次。",
    who=("家庭人均收入高于低保标准、低于低保标准的 1.5 倍", "家庭财产符合规定", "没有享受低保、特困供养"),
    questions=(
        ("认定了有什么用?", "认定结果各部门互认。凭它可以申请医疗、教育、住房、就业等专项救助,遇到急难还可以申请临时救助。", "《社会救助法》第四十二条"),
        ("家里有重病或重残的人怎么办?", "边缘家庭里的重度残疾人、重病患者可以按单人户申请低保,请选“低保”。", "民发〔2021〕57号第八条"),
        ("认定多久有效?", "没有固定期限,每年复核一次。家里情况有变化的,请及时告诉乡镇(街道)。", "民发〔2021〕57号第三十一条"),
    ),
    keywords=("低保边缘", "边缘家庭", "救助", "困难", "认定"),
    intake_url="assistance:intake_edge", intake_roles=("town_clerk", "village_worker", "county_clerk"),
    apply_url="assistance_my:apply_edge", panels=panels.for_officer, citizen_panels=panels.for_citizen, acts=panels.acts,
)
