"""What went wrong, in words for an administrator, without the text of the error: that may hold names."""

from __future__ import annotations

_ASK = "请把编号告诉运维人员,查看后台日志,改正后再继续。"
_SENTENCES = {
    "数据库一时连不上或没有空闲。通常继续一次即可;多次出错的,请检查数据库。": {"OperationalError", "InterfaceError", "AdminShutdown",
                                                     "DeadlockDetected", "SerializationFailure", "LockNotAvailable"},
    "要写入的数据与已有的数据冲突,没有写入。" + _ASK: {"IntegrityError", "UniqueViolation", "ForeignKeyViolation",
                                     "CheckViolation", "ExclusionViolation", "DataError"},
    "后台任务的权限不够,没有写入。" + _ASK: {"InsufficientPrivilege", "PermissionError", "ProgrammingError"},
    "业务检查没有通过,没有写入。请业务人员核对这批数据,改正后再继续。": {"Refused", "NotAllowed"},
    "要处理的数据找不到了,可能已被移交或办结。请业务人员核对后再继续。": {"NotFound", "DoesNotExist", "LookupError", "KeyError"},
    "处理的时候数据被别人改过。请直接继续一次。": {"Stale"},
    "对方系统没有应答或连不上。请确认对方恢复后再继续。": {"TimeoutError", "ConnectionError", "ConnectionRefusedError",
                                      "ConnectionResetError", "ConnectError", "ReadTimeout", "ConnectTimeout",
                                      "URLError", "HTTPError", "Unavailable", "BrokenPipeError", "DepartmentDown"},
    "磁盘或文件读写失败。请检查磁盘空间和文件夹权限后再继续。": {"OSError", "FileNotFoundError", "IsADirectoryError"},
    "内存不足。请减少同时运行的任务,或增加内存后再继续。": {"MemoryError"},
}
_BY_KIND = {kind: sentence for sentence, kinds in _SENTENCES.items() for kind in kinds}
UNKNOWN = "程序出错,没有写入。" + _ASK


def sentence_of(kind: str) -> str:
    """For the class name of an error; what is not known asks for the operators."""
    return _BY_KIND.get(kind.strip(), UNKNOWN)


def sentence_of_note(note: str) -> str:
    """For the note of a failed run, which begins with the class name."""
    return sentence_of(note.partition(":")[0])
