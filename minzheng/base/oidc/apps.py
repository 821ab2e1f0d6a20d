from __future__ import annotations

from django.apps import AppConfig


class OidcConfig(AppConfig):
    name = "minzheng.base.oidc"
    label = "oidc"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.base.crypto.signing import also_make
        from minzheng.base.oidc.keys import make_first

        also_make(make_first)
        declare_actions({
            "oidc.propose": "登记外部系统", "oidc.approve": "批准外部系统", "oidc.end": "停用外部系统",
            "oidc.consent": "同意登录外部系统", "oidc.token": "签发登录凭证", "oidc.refused": "拒绝外部系统登录",
            "oidc.userinfo": "外部系统读取登录人信息", "oidc.revoked": "注销登录凭证", "oidc.rotate": "更换登录签名密钥",
        })
