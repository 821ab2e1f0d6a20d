"""Which files are taken, told by their content and not by their name."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

import puremagic
from PIL import Image

from minzheng.base.errors import Refused

MEGABYTE = 1024 * 1024
PIXELS = 80_000_000
UNPACKED = 100 * MEGABYTE
MEMBERS = 2000


@dataclass(frozen=True)
class FileType:
    """`limit` in bytes; `check` refuses content that is not really of this type."""

    mime: str
    title: str
    extensions: tuple[str, ...]
    limit: int
    check: Callable[[bytes], None]


def _image(form: str) -> Callable[[bytes], None]:
    def check(content: bytes) -> None:
        try:
            with Image.open(io.BytesIO(content), formats=[form]) as image:
                if image.width * image.height > PIXELS:
                    raise Refused("图片像素过大,请缩小后再上传")
                if form == "JPEG":
                    image.draft("RGB", (512, 512))
                    image.load()
                else:
                    image.verify()
        except Image.DecompressionBombError as error:
            raise Refused("图片像素过大,请缩小后再上传") from error
        except (OSError, SyntaxError, ValueError) as error:
            raise Refused("图片打不开,可能已损坏,请重新拍照或扫描") from error

    return check


def _pdf(content: bytes) -> None:
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise Refused("PDF 文件不完整,请重新生成")
    if any(mark in content for mark in (b"/JavaScript", b"/Launch", b"/EmbeddedFile")):
        raise Refused("PDF 含有脚本或嵌入文件,不能接收,请另存为普通 PDF")
    if b"/Encrypt" in content:
        raise Refused("PDF 设有密码,请去掉密码后再上传")


def _office(main: str) -> Callable[[bytes], None]:
    def check(content: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                members = packed.infolist()
        except zipfile.BadZipFile as error:
            raise Refused("文件已损坏,请重新保存后上传") from error
        names = {member.filename for member in members}
        if not {"[Content_Types].xml", main} <= names:
            raise Refused("文件内容与扩展名不符")
        if any("vbaproject" in name.lower() or "/embeddings/" in name.lower() for name in names):
            raise Refused("文件含有宏或嵌入对象,不能接收,请另存为不含宏的文件")
        if len(members) > MEMBERS or sum(member.file_size for member in members) > UNPACKED:
            raise Refused("文件解压后过大,不能接收")

    return check


def _csv(content: bytes) -> None:
    if b"\0" in content:
        raise Refused("不是文本文件")
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
            return
        except UnicodeDecodeError:
            continue
    raise Refused("文本编码不认识,请存为 UTF-8 或 GBK")


_OFFICE = "application/vnd.openxmlformats-officedocument."
JPEG = FileType("image/jpeg", "JPG 图片", (".jpg", ".jpeg"), 15 * MEGABYTE, _image("JPEG"))
PNG = FileType("image/png", "PNG 图片", (".png",), 15 * MEGABYTE, _image("PNG"))
PDF = FileType("application/pdf", "PDF", (".pdf",), 30 * MEGABYTE, _pdf)
DOCX = FileType(_OFFICE + "wordprocessingml.document", "Word 文档", (".docx",), 20 * MEGABYTE,
                _office("word/document.xml"))
XLSX = FileType(_OFFICE + "spreadsheetml.sheet", "Excel 表格", (".xlsx",), 20 * MEGABYTE, _office("xl/workbook.xml"))
CSV = FileType("text/csv", "CSV 表格", (".csv",), 50 * MEGABYTE, _csv)

MATERIALS = (JPEG, PNG, PDF, DOCX)
IMAGES = (JPEG, PNG)
TABLES = (XLSX, CSV)


def clean_name(name: str) -> str:
    """The last part of a file name, without control and direction marks, at most 120 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C").strip(". ")
    if len(kept) > 120:
        path = PurePosixPath(kept)
        kept = path.stem[: 120 - len(path.suffix)] + path.suffix if len(path.suffix) < 10 else kept[:120]
    if not kept:
        raise Refused("文件名为空")
    return kept


def check_type(name: str, content: bytes, allow: tuple[FileType, ...]) -> FileType:
    """The type of the file; Refused when it is empty, too large, of no allowed type, or not what its name says."""
    extension = PurePosixPath(name).suffix.lower()
    found = next((one for one in allow if extension in one.extensions), None)
    if found is None:
        wanted = "、".join(one.title for one in allow)
        hint = "(苹果手机照片请在设置中改为“兼容性最佳”后再拍)" if extension in (".heic", ".heif") else ""
        raise Refused(f"只接收 {wanted}{hint}")
    if not content:
        raise Refused("文件是空的,请重新选择")
    if len(content) > found.limit:
        raise Refused(f"文件超过 {found.limit // MEGABYTE} MB,请压缩后再上传")
    if found.mime not in sniffed(content) and found is not CSV:
        raise Refused("文件内容与扩展名不符,不能接收")
    if found is CSV and content[:2] in (b"PK", b"MZ", b"\xff\xd8"):
        raise Refused("文件内容与扩展名不符,不能接收")
    found.check(content)
    return found


def sniffed(content: bytes) -> set[str]:
    """The types that the first bytes suggest."""
    try:
        return {match.mime_type for match in puremagic.magic_string(content[:8192])}
    except (puremagic.PureError, ValueError):
        return set()
