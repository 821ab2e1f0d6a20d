from __future__ import annotations

from django.apps import AppConfig


class MaterialsConfig(AppConfig):
    name = "minzheng.office.materials"
    label = "materials"

    def ready(self) -> None:
        from minzheng.base import audit

        audit.declare_actions({
            "material.collect": "调取已有材料", "material.upload": "上传材料", "material.replace": "更换材料",
            "material.waive": "免交材料",
        })
