"""Looks at the sample pages with a real browser: axe, sideways scrolling, console errors, pictures. Run by hand:

    python -m minzheng.design.look http://127.0.0.1:8000 /tmp/pictures
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
PAGES = ["/design/", "/design/list/", "/design/case/", "/design/home/", "/design/form/", "/design/sheet/", "/nowhere/"]


def look(browser: Browser, base: str, path: str, size: dict[str, int], elder: str, folder: Path) -> list[str]:
    """Complaints about one page in one window; its picture goes to the folder."""
    context = browser.new_context(viewport=size, locale="zh-CN")  # type: ignore[arg-type]
    if elder:
        context.add_cookies([{"name": "elder", "value": elder, "url": base}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"console: {message.text}") if message.type == "error"
            and "status of 404" not in message.text else None)
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.goto(base + path)
    if page.locator("[data-bpmn]").count():
        page.wait_for_selector("[data-bpmn][data-ready]")
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wider > 0:
        complaints.append(f"{wider} px too wide")
    for violation in Axe().run(page).response["violations"]:
        complaints += [f"axe {violation['id']}: {node['html'][:160]}" for node in violation["nodes"]]
    name = f"{path.strip('/').replace('/', '-') or 'root'}-{size['width']}{'-elder' + elder if elder else ''}.png"
    page.screenshot(path=folder / name, full_page=True)
    context.close()
    return complaints


def main(base: str, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        windows = [(path, size, "") for path in PAGES for size in (WIDE, PHONE)]
        windows += [(path, PHONE, elder) for path in ("/design/home/", "/design/form/") for elder in ("1", "2", "3")]
        for path, size, elder in windows:
            complaints = look(browser, base, path, size, elder, folder)
            total += len(complaints)
            sys.stdout.write(f"{path} {size['width']} {elder or '-'}: {'; '.join(complaints) or 'ok'}\n")
        browser.close()
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/"), Path(sys.argv[2])))
