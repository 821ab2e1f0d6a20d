"""最低生活保障 as a service matter (事项)."""

from __future__ import annotations

from dataclasses import replace

from minzheng.office.matters.definitions import Matter
from minzheng.scenes.assistance import panels
from minzheng.scenes.assistance.household import MATERIALS, review_cycle, tasks
from minzheng.scenes.assistance.kinds import Kind

DIBAO_KIND = Kind(
    matter="dibao", title="低保", scheme="dibao", prefix="dibao", benefit="dibao",
    confirm_basis=("《中华人民共和国社会救助法》第十八条", "《最低生活保障审核确认办法》(民发〔2021〕57号)第二十条、第二十三条"),
    refuse_basis=("《中华人民共和国社会救助法》第十八条", "《最低生活保障审核确认办法》(民发〔2021〕57号)第二十一条"),
    refuse_clause="民发〔2021〕57号第二十一条", recognises={"dibao": "dibao", "single": "single"},
    review_parameter=review_cycle("dibao"))

DIBAO = Matter(
    code="dibao", version=2, name="最低生活保障申请", short_name="低保", scene="assistance", icon="heart-handshake",
    summary="家庭人均收入低于当地低保标准的,按月补足差额",
    legal_basis=("《中华人民共和国社会救助法》第十八条", "《最低生活保障审核确认办法》(民发〔2021〕57号)"),
    levels=(3, 4, 5), channels=("window", "phone", "web", "discovery"), form_version=2,
    process="dibao", process_version=2, scheme="dibao",
    promise="自受理之日起 30 个工作日内办结;情况特殊的可延长到 45 个工作日。",
    materials=MATERIALS, tasks=tasks("同意,按测算金额确认"),
    outcome="符合条件的,从确认的次月起按月发到一卡通;不符合的,书面告知理由。",
    who=("共同生活的家庭成员人均收入低于当地低保标准", "家庭财产符合规定",
         "以家庭为单位,由一名成员向户籍所在地乡镇(街道)申请", "家里有重度残疾人或重病患者的,可以按单人户申请"),
    questions=(
        ("哪些人算共同生活的家庭成员?", "配偶,未成年子女,不能独立生活的成年子女(包括在读本科及以下学生),以及有赡养、扶养、抚养关系并长期一起居住的人。",
         "民发〔2021〕57号第七条"),
        ("哪些收入不算?", "优待抚恤金、计划生育奖励扶助金、奖学金、见义勇为奖励和政府给的救助款物不算。", "民发〔2021〕57号第十三条"),
        ("为什么要签授权书?", "签了授权书,民政部门才能依法向银行、车管、不动产等单位核对,您就不用自己跑去开证明。", "《社会救助法》第四十至四十三条"),
        ("会公示我的什么信息?", "只公示申请人姓名、保障人数和金额,公示 7 天。", "民发〔2021〕57号第十九条、第二十四条"),
    ),
    keywords=("低保", "救助", "困难", "补助", "最低生活保障"),
    intake_url="assistance:intake", intake_roles=("town_clerk", "village_worker", "county_clerk"),
    apply_url="assistance_my:apply", panels=panels.for_officer, citizen_panels=panels.for_citizen, acts=panels.acts,
)

# Cases that were opened under the first version end under it: its form did not ask who applies alone, its process held
# the limits of its tasks in the drawing.
DIBAO_V1 = replace(DIBAO, version=1, form_version=1, process_version=1)
