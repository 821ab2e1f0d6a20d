"""Documents: PDF from typst templates, signed, with a QR that leads to a verification page."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minzheng.base.documents.issuing import (
        declare_kinds,
        do_revoke,
        get_document_for,
        get_numbered_document_for,
        issue,
        verify_document,
    )
    from minzheng.base.documents.rendering import render
    from minzheng.base.documents.signing import check_pdf, sign_pdf

__all__ = ["check_pdf", "declare_kinds", "do_revoke", "get_document_for", "get_numbered_document_for", "issue", "render", "sign_pdf",
           "verify_document"]
_WHERE = {"render": "rendering", "check_pdf": "signing", "sign_pdf": "signing"}


def __getattr__(name: str) -> Any:
    """Names are looked up on first use: the package is imported before Django's models are ready."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_WHERE.get(name, 'issuing')}"), name)
