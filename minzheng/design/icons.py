"""Drawings of the icon set, read once per process and written into the page as inline SVG."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from minzheng.design.assets import ICONS, icons_dir


@cache
def _strokes(name: str, folder: Path) -> SafeString:
    """The drawing without its outer element; a plain square until `manage.py assets` has been run."""
    try:
        text = (folder / f"{name}.svg").read_text()
    except FileNotFoundError:
        return mark_safe('<path d="M5 5h14v14H5z"/>')
    inner = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", text, flags=re.S)
    inner = re.sub(r'<path stroke="none"[^>]*>', "", inner)
    return mark_safe(re.sub(r"\s*\n\s*", "", inner).strip())


def draw(name: str, label: str = "") -> SafeString:
    """SVG of an icon; decorative unless it carries a label. Raises ValueError for a name not in the list."""
    if name not in ICONS:
        raise ValueError(f"unknown icon {name!r}: add it to ICONS in minzheng/design/assets.py")
    folder = Path(getattr(settings, "ICONS_DIR", None) or icons_dir(Path(settings.VAR_DIR)))
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" {} focusable="false" viewBox="0 0 24 24" width="20" height="20" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{}</svg>',
        voice, _strokes(name, folder),
    )
