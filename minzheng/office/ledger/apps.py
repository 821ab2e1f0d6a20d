from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "minzheng.office.ledger"
    label = "ledger"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.base.crypto import declare_signing_key

        declare_signing_key("ledger", "sm2")
        declare_actions({
            "ledger.appropriate": "下达预算", "ledger.run_built": "编制发放清单", "ledger.run_refreshed": "重新核对暂缓明细",
            "ledger.envelope_sealed": "封包", "ledger.envelope_signed": "签批拨付批次", "ledger.envelope_voided": "作废拨付批次",
            "ledger.envelope_released": "放款", "ledger.envelope_sent": "送银行", "ledger.envelope_returned": "接收银行回盘",
            "ledger.upload_return": "手工上传回盘文件",
            "ledger.bank_trouble": "登记银行往来异常", "ledger.oddity_resolved": "处理回盘异常行",
            "ledger.line_cancelled": "取消发放", "ledger.line_reissued": "退回重发", "ledger.recovery_opened": "追回多发救助金",
            "ledger.repayment": "登记缴回", "ledger.proof_kept": "日终平账", "ledger.proof_failed": "日终不平告警",
            "ledger.bands_drafted": "拟定签批权限", "ledger.bands_in_force": "签批权限生效", "ledger.bands_refused": "不同意签批权限",
            "ledger.bands_withdrawn": "撤回签批权限",
            "ledger.status_report": "登记付款状态报告",
            "ledger.export": "导出发放数据", "ledger.imprest_opened": "设立备用金", "ledger.imprest_topped_up": "拨付备用金",
            "ledger.imprest_paid": "备用金付款", "ledger.imprest_given_back": "备用金付款退回",
            "ledger.imprest_settlement": "备用金报账", "ledger.imprest_settled": "审核备用金报账",
            "ledger.imprest_returned": "退回备用金报账",
        })  # fmt: skip
