"""Which departments there are, what each answers, and how each words an error.

The list is 江苏省人民政府令第126号 and 社会救助法 art. 40-43 (户籍、税务、社保、不动产、市场监管、公积金、车管、银行、
证券、保险、非银行支付) and the auxiliary sources 医保、卫健、残联、教育、婚姻、殡葬、司法、财政、农业农村、退役军人.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from simulators.wire import ED25519, SM2


@dataclass(frozen=True)
class Department:
    """`tables` are the files of the synthetic population it holds; one request for a person reads them all."""

    code: str
    name: str
    tables: tuple[str, ...]
    prefix: str  # of its own error codes
    style: str = "json"  # how it writes an error: json, result, xml, text
    algorithm: str = ED25519


DEPARTMENTS: tuple[Department, ...] = (
    Department("police", "公安(户籍)", ("police",), "GA"),
    Department("vehicles", "公安(车辆管理)", ("vehicles",), "CG"),
    Department("tax", "税务", ("tax",), "SW", style="result", algorithm=SM2),
    Department("social_security", "人力资源社会保障", ("social_insurance", "employment"), "RS", algorithm=SM2),
    Department("real_estate", "自然资源(不动产登记)", ("real_estate",), "ZR", style="result"),
    Department("market", "市场监管", ("market",), "SJ"),
    Department("provident_fund", "住房公积金", ("provident_fund",), "GJ", style="text"),
    Department("medical", "医疗保障", ("medical_insurance",), "YB"),
    Department("health", "卫生健康", ("health", "deaths"), "WJ"),
    Department("disability", "残联", ("disability",), "CL"),
    Department("education", "教育", ("education",), "JY"),
    Department("marriage", "民政(婚姻登记)", ("marriages",), "HY"),
    Department("funeral", "民政(殡葬)", ("cremations",), "BZ"),
    Department("assistance", "民政(全省救助库)", ("benefits",), "JZ"),
    Department("justice", "司法行政", ("prison",), "SF", style="text"),
    Department("bank", "银行", ("banks",), "YH", style="xml"),
    Department("securities", "证券", ("securities",), "ZQ", style="xml"),
    Department("insurance", "商业保险", ("insurance",), "BX", style="xml"),
    Department("payments", "非银行支付", ("payments",), "ZF", style="result"),
    Department("finance", "财政(供养人员)", ("public_payroll",), "CZ", style="result"),
    Department("agriculture", "农业农村", ("agriculture",), "NY"),
    Department("veterans", "退役军人事务", ("veterans",), "TY"),
    # takes referrals only
    Department("housing", "住房城乡建设", (), "JS", style="result"),
)
BY_CODE = {department.code: department for department in DEPARTMENTS}

# number, HTTP status and wording of each refusal; the department's prefix goes before the number
ERRORS: dict[str, tuple[int, int, str]] = {
    "unknown_caller": (1001, 401, "调用方未登记"),
    "bad_signature": (1002, 401, "签名验证不通过"),
    "stale": (1003, 401, "请求时间超出允许范围"),
    "replay": (1004, 409, "请求重复:随机数已使用"),
    "malformed": (2001, 400, "报文格式错误"),
    "no_purpose": (2002, 403, "缺少查询用途"),
    "no_case": (2003, 403, "缺少业务编号"),
    "no_authorisation": (2004, 403, "缺少授权书编号"),
    "bad_query": (2005, 422, "查询条件不完整"),
    "unknown_resource": (2006, 404, "没有这项资源"),
    "bad_file": (3001, 422, "文件与声明不符"),
    "conflict": (3002, 409, "批次号已被不同内容的文件使用"),
    "unknown_batch": (3003, 404, "没有这个批次"),
    "unknown_referral": (3004, 404, "没有这件转介"),
    "unavailable": (9001, 503, "系统维护,暂停服务"),
}


def error_body(department: Department, kind: str, detail: str = "") -> tuple[int, str, bytes]:
    """(HTTP status, content type, body) of a refusal, in the department's own format."""
    number, status, wording = ERRORS[kind]
    code, message = f"{department.prefix}{number}", f"{wording}:{detail}" if detail else wording
    if department.style == "xml":
        text = f"<resp><retCode>{code}</retCode><retMsg>{escape(message)}</retMsg></resp>"
        return status, "application/xml; charset=utf-8", text.encode()
    if department.style == "text":
        return status, "text/plain; charset=utf-8", f"ERR|{code}|{message}".encode()
    if department.style == "result":
        return status, "application/json", dump({"resultCode": code, "resultMsg": message, "resultData": None})
    return status, "application/json", dump({"code": code, "msg": message})


def dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
