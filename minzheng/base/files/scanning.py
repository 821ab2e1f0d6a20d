"""The port to a malware scanner. The default knows only the test string and executables: deployments plug in a real one
by `settings.FILE_SCANNER` (dotted path of a function with this signature)."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from minzheng.base.errors import Refused

# split, so that this source is not itself taken for the test file
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_EXECUTABLE = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")


def simple_scan(content: bytes) -> str:
    """What was found, or empty. Deliberately simple."""
    if _EICAR in content:
        return "EICAR 测试病毒"
    return "可执行文件" if content.startswith(_EXECUTABLE) else ""


def scan(content: bytes) -> None:
    """Refused when the scanner finds something, or when it cannot be reached."""
    path = getattr(settings, "FILE_SCANNER", "")
    scanner = import_string(path) if path else simple_scan
    try:
        found = scanner(content)
    except OSError as error:
        raise Refused("病毒扫描服务暂时不可用,请稍后再传") from error
    if found:
        raise Refused(f"文件未通过安全检查({found}),不能接收")
