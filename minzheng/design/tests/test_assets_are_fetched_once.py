from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from minzheng.design import assets

NPMRC = "omit-lockfile-registry-resolved=true\nignore-scripts=true\naudit=false\nfund=false\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project folder whose npm packages are already laid out, so that nothing goes over the network."""
    for name in ("package.json", "package-lock.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / ".npmrc").write_text(NPMRC)
    sources = [*assets.SCRIPTS, *assets.FONTS, *[f"@tabler/icons/icons/outline/{name}.svg" for name in assets.ICONS]]
    for source in sources:
        path = tmp_path / ".cache" / "npm" / "node_modules" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n//# sourceMappingURL=x.js.map\n")
    return tmp_path


def npm(monkeypatch: pytest.MonkeyPatch, code: int = 0, says: str = "") -> list[list[str]]:
    calls: list[list[str]] = []

    def run(arguments: list[str], **kwargs: object) -> subprocess.CompletedProcess[str]:
        assert "env" not in kwargs  # the machine's own environment is inherited
        calls.append(arguments)
        return subprocess.CompletedProcess(arguments, code, "", says)

    monkeypatch.setattr(assets.subprocess, "run", run)
    monkeypatch.setattr(assets.shutil, "which", lambda name: f"/usr/bin/{name}")
    return calls


def test_only_the_listed_files_arrive_and_the_second_run_does_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = npm(monkeypatch)
    var = root / "var"
    assert assets.install(var, root) is True
    assert {path.name for path in assets.vendor_dir(var).iterdir()} == set(assets.SCRIPTS.values())
    assert {path.name for path in assets.fonts_dir(var).iterdir()} == set(assets.FONTS.values())
    assert {path.stem for path in assets.icons_dir(var).iterdir()} == assets.ICONS
    assert "sourceMappingURL" not in (assets.vendor_dir(var) / "echarts.js").read_text()
    assert assets.install(var, root) is False
    assert len(calls) == 1


def test_a_changed_lock_file_brings_the_files_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = npm(monkeypatch)
    assets.install(root / "var", root)
    (root / "package-lock.json").write_text('{"changed": true}')
    assert assets.install(root / "var", root) is True
    assert len(calls) == 2


def test_an_unreachable_registry_is_explained_and_leaves_no_stamp(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(monkeypatch, code=1, says="npm error network ENOTFOUND")
    with pytest.raises(assets.AssetsMissing, match="检查本机能否访问 npm 软件源"):
        assets.install(root / "var", root)
    assert not assets.is_current(root / "var", root)
    assert not assets.vendor_dir(root / "var").exists()


def test_the_lock_file_names_no_registry_and_pins_what_it_brings() -> None:
    lock = json.loads((assets.ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert "resolved" not in entry, name
        assert entry["integrity"].startswith("sha512-"), name
    assert (assets.ROOT / ".npmrc").read_text() == NPMRC
