from __future__ import annotations

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "minzheng.base.files"
    label = "files"

    def ready(self) -> None:
        from minzheng.base.audit import declare_actions
        from minzheng.base.crypto.rotation import also_rotate
        from minzheng.base.files.blobs import rotate_blobs

        declare_actions({"file.store": "收取材料", "file.read": "查看材料"})
        also_rotate(rotate_blobs)
