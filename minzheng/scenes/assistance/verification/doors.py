"""The only ways to the rows of this room: by number, within scope and scene."""

from __future__ import annotations

from minzheng.base.errors import NotAllowed, NotFound
from minzheng.base.identity.officer import Actor, Officer
from minzheng.scenes.assistance.verification.models import Authorisation, Objection, Report, VerificationRequest

SCENE = "assistance"


def check_reach(by: Actor, jurisdiction: str) -> None:
    """NotAllowed unless the acting post serves the scene and answers for the place."""
    if isinstance(by, Officer):
        if not by.serves(SCENE):
            raise NotAllowed("当前岗位不办理社会救助事项。请切换岗位,或联系安全管理员调整岗位范围。")
        if not by.reaches(jurisdiction):
            raise NotAllowed("这个家庭不在本岗位的管辖范围内。请转给有管辖权的单位办理。")


def get_authorisation(by: Actor, number: str) -> Authorisation:
    found = Authorisation.objects.filter(number=number).first()
    if found is None:
        raise NotFound("没有找到这份核对授权书。请先登记授权书,再发起核对。")
    check_reach(by, found.jurisdiction)
    return found


def get_request_for(by: Actor, number: str, *, lock: bool = False) -> VerificationRequest:
    rows = VerificationRequest.objects.filter(number=number)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise NotFound("没有找到这次核对。请检查核对编号;如属其他地区,请联系当地民政部门。")
    check_reach(by, found.jurisdiction)
    return found


def get_report_for(by: Actor, number: str) -> Report:
    found = Report.objects.filter(number=number).select_related("request").first()
    if found is None:
        raise NotFound("没有找到这份核对报告。请检查报告编号;如属其他地区,请联系当地民政部门。")
    check_reach(by, found.jurisdiction)
    return found


def get_objection_for(by: Actor, number: str, *, lock: bool = False) -> Objection:
    rows = Objection.objects.filter(number=number)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise NotFound("没有找到这件异议。请检查异议编号。")
    check_reach(by, found.jurisdiction)
    return found
