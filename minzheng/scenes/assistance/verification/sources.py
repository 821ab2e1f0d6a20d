"""The departments that one request goes to (江苏省人民政府令第126号; 社会救助法 art. 40-43)."""

from __future__ import annotations

SOURCES = {
    "police": "公安(户籍)", "vehicles": "公安(车辆管理)", "tax": "税务", "social_security": "人力资源社会保障",
    "real_estate": "自然资源(不动产登记)", "market": "市场监管", "provident_fund": "住房公积金", "medical": "医疗保障",
    "health": "卫生健康", "disability": "残联", "education": "教育", "marriage": "民政(婚姻登记)",
    "funeral": "民政(殡葬)", "assistance": "民政(全省救助库)", "justice": "司法行政", "bank": "银行",
    "securities": "证券", "insurance": "商业保险", "payments": "非银行支付", "finance": "财政(供养人员)",
    "agriculture": "农业农村", "veterans": "退役军人事务",
}
RESOURCE = "person"
