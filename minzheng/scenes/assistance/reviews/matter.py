"""认定复核 as a service matter (事项): for 特困, 低保边缘 and 刚性支出; 低保 is reviewed with its benefit."""

from __future__ import annotations

from dataclasses import replace

from minzheng.office.matters.definitions import Matter, TaskForm
from minzheng.scenes.assistance.forms import ServeForm
from minzheng.scenes.assistance.household import PLAIN
from minzheng.scenes.assistance.reviews import completing, panels
from minzheng.scenes.assistance.reviews.forms import AgainForm, DecideForm, HearForm, VerifyForm
from minzheng.scenes.assistance.reviews.opening import MATTER as CODE

MATTER_V1 = Matter(
    code=CODE, version=1, name="救助对象认定复核", short_name="认定复核", scene="assistance", icon="refresh",
    summary="已认定的特困、低保边缘、刚性支出困难对象,报告情况变化或定期复核",
    legal_basis=("《中华人民共和国社会救助法》第四十八条", "《特困人员认定办法》", "民发〔2022〕83号"),
    levels=(3, 4, 5), channels=("window", "phone", "web", "discovery"), form_version=1,
    process="review", process_version=1, scheme="tekun",
    promise="自理能力变化的,10 个工作日内重新评估;减少或终止前先听取您的意见。",
    materials=(),
    tasks=(
        TaskForm("self_care", {"same": "类别不变", "change": "类别有变"}, completing.complete_again, AgainForm,
                 "tekun/task_self_care.html", prepare=panels.prepare_again),
        TaskForm("verify", {"keep": "仍然符合,维持认定", "end": "不再符合,提请终止"}, completing.complete_verify, VerifyForm, PLAIN),
        TaskForm("hear", {"heard": "已听取意见", "try": "记录一次联系,稍后再听取"}, completing.complete_hear, HearForm, PLAIN,
                 prepare=panels.prepare_hear),
        TaskForm("decide", {"approve": "同意", "decline": "不同意,维持不变"}, completing.complete_decide, DecideForm, PLAIN,
                 comment_required=frozenset({"approve", "decline"})),
        TaskForm("serve", {"served": "已送达"}, completing.complete_serve, ServeForm, PLAIN),
    ),
    outcome="仍然符合的,认定不变;不再符合的,听取意见后书面决定,从次月起终止;特困供养终止前公示 7 天。",
    who=("已经认定为特困人员、低保边缘家庭或刚性支出困难家庭",),
    questions=(("哪些变化要报告?", "家里人口、收入、财产、就业、就学、身体情况有变化的,都应及时告诉乡镇(街道)。", "民发〔2022〕83号"),
               ("报告了会不会马上停?", "不会。先核实,再听取您的意见,书面决定以后才从次月起调整。", "《社会救助法》第四十八条")),
    keywords=("复核", "变化", "自理能力", "认定", "报告"),
    intake_url="assistance:recognitions", intake_roles=("town_clerk", "village_worker", "county_clerk"),
    apply_url="assistance_my:recognitions", panels=panels.for_officer, citizen_panels=panels.for_citizen,
)

# The second version knows a changed amount, and takes the reviews of 低保 that come from a review in bulk.
MATTER = replace(
    MATTER_V1, version=2, process_version=2,
    summary="已认定的低保、特困、低保边缘、刚性支出困难对象,报告情况变化或定期复核",
    who=("已经认定为低保对象、特困人员、低保边缘家庭或刚性支出困难家庭",),
    tasks=tuple(replace(form, outcomes={"keep": "仍然符合,维持不变", "amount": "金额有变,提请调整", "end": "不再符合,提请终止"})
                if form.task == "verify" else form for form in MATTER_V1.tasks))
