"""Building and checking archive packages."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from minzheng.base import clock, files
from minzheng.base.audit import record
from minzheng.base.crypto import sign, signing_key, sm3
from minzheng.base.divisions.names import full_name
from minzheng.base.errors import NotFound, Refused
from minzheng.base.events import emit
from minzheng.base.files.models import StoredFile
from minzheng.base.identity.officer import Actor, Officer, Service, require_role
from minzheng.base.scope.ranges import office_of
from minzheng.office.archive.models import ArchivePackage
from minzheng.office.archive.parts import as_json, contents
from minzheng.office.archive.verifier import Problem, check, pem_of
from minzheng.office.cases.doors import get_case_for, get_case_for_service
from minzheng.office.cases.models import Case, CaseEvent
from minzheng.office.cases.timeline import actor_title
from minzheng.office.decisions.models import Hearing
from minzheng.office.decisions.models import Service as Served
from minzheng.office.materials.models import CaseMaterial
from minzheng.office.matters.catalogue import matter_of

FORMAT = "minzheng-archive/1"
KEY = "archive"
FINAL = ("closed", "rejected", "withdrawn", "ended")
ARCHIVISTS = ("town_clerk", "town_reviewer", "county_clerk", "county_approver", "county_leader")
MOST_BYTES = 300_000_000


@dataclass(frozen=True)
class Retention:
    """保管期限 in years after closing, None for ever. `sample`: no citable source, shown as 示例值."""

    years: int | None
    source: str
    sample: bool = False

    @property
    def title(self) -> str:
        mark = "(示例值)" if self.sample else ""
        return f"{'永久' if self.years is None else f'{self.years} 年'}{mark},{self.source}"

    def until(self, closed: dt.date) -> dt.date | None:
        """Through the end of the year that lies `years` after the closing."""
        return None if self.years is None else dt.date(closed.year + self.years, 12, 31)


RETENTION = Retention(30, "保管期限表待省级档案部门核定", sample=True)


def build_package(code: str, *, by: Actor, retention: Retention = RETENTION) -> ArchivePackage:
    """Packs a finished case: manifest with the SM3 of every file, signed; stored encrypted through base.files.

    A case that has not changed since its last package gets no other one: that one is returned.
    """
    case = _finished_case(code, by)
    last = ArchivePackage.objects.filter(case_id=case.pk).order_by("-revision").first()
    if last is not None and not _moved_since(case, last):
        return last
    entries, titles = _entries(case)
    now = clock.now()
    county = office_of(case.jurisdiction, 3)
    with connection.cursor() as cursor:
        cursor.execute("select next_archive_number(%s, %s)", [county, now.year])
        number = f"MZ-{county[:6]}-{now.year}-{cursor.fetchone()[0]:06d}"
    key = signing_key(KEY)
    manifest = as_json({
        "format": FORMAT, "register_no": number, "case": case.code, "title": _title(case), "state": case.state,
        "office": full_name(county), "built_at": now, "built_by": actor_title(by), "retention": retention.title,
        "revision": last.revision + 1 if last else 1, "public_key": key.public,
        "files": [{"path": path, "size": len(content), "sm3": sm3(content).hex(), "title": titles.get(path, "")}
                  for path, content in sorted(entries.items())]})
    signature = sign(KEY, manifest)
    content = _zip({"manifest.json": manifest, "manifest.sig": signature.hex().encode(), **entries}, now)
    stored = files.keep(content, name=f"{number}.zip", mime="application/zip", by=by, jurisdiction=case.jurisdiction,
                        kind="archive", case_id=case.pk)
    closed = (case.closed_at or now).astimezone(clock.SHANGHAI).date()
    package = ArchivePackage.objects.create(
        case_id=case.pk, jurisdiction=case.jurisdiction, case_code=case.code, register_no=number, title=_title(case),
        revision=last.revision + 1 if last else 1, file=stored, manifest_digest=sm3(manifest), signature=signature,
        public_key=key.public, entries=len(entries), size=len(content), retention=retention.title,
        retain_until=retention.until(closed), built_at=now, built_by=actor_title(by))
    _record("archive.build", case, by, after={"register_no": number, "sm3": package.manifest_digest})
    emit("case.archived", aggregate=case.code, jurisdiction=case.jurisdiction,
         payload={"case": case.code, "package": package.pk})
    return package


def get_package_for(by: Officer, register_no: str) -> ArchivePackage:
    """The package within the acting post's scope and scenes; the read is audited as one of its case."""
    package = ArchivePackage.objects.select_related("file").filter(register_no=register_no).first()
    if package is None:
        raise NotFound("没有找到这份档案,请核对档号。")
    get_case_for(by, package.case_code)
    return package


def packages_of(case: Case) -> list[ArchivePackage]:
    """All packages of the case, newest first."""
    return list(ArchivePackage.objects.filter(case_id=case.pk).order_by("-revision"))


def verify_package(package: ArchivePackage, *, by: Officer) -> list[Problem]:
    """Reads the stored package and checks it as the standalone verifier does; nothing wrong: []."""
    case = get_case_for(by, package.case_code, sensitive=False)
    problems = check(package.file.open(), pem_of(package.public_key))
    _record("archive.verify", case, by, after={"register_no": package.register_no, "problems": len(problems)})
    return problems


def _finished_case(code: str, by: Actor) -> Case:
    if isinstance(by, Service):
        case = get_case_for_service(by, code, lock=True)
    elif isinstance(by, Officer):
        require_role(by, *ARCHIVISTS)
        case = get_case_for(by, code, lock=True)
    else:
        raise NotFound("没有找到这个办件。")
    if case.state not in FINAL:
        raise Refused(f"办件状态是“{case.state_title}”,办结后才能归档。")
    return case


def _moved_since(case: Case, last: ArchivePackage) -> bool:
    return CaseEvent.objects.filter(case_id=case.pk, at__gt=last.built_at).exists()


def _title(case: Case) -> str:
    return f"{case.applicant_name}{matter_of(case.matter, case.matter_version).name}办件"


def _entries(case: Case) -> tuple[dict[str, bytes], dict[str, str]]:
    """Files of the package by path, and the titles of the stored ones."""
    entries = contents(case)
    titles: dict[str, str] = {}
    total = sum(map(len, entries.values()))
    for stored in _stored(case):
        total += stored.size
        if total > MOST_BYTES:
            raise Refused("这个办件的材料太大,无法打成一个档案包。请联系系统管理员。")
        suffix = stored.name.rpartition(".")[2].lower()
        path = f"files/{stored.pk:012d}.{suffix if suffix.isalnum() and suffix.isascii() else 'bin'}"
        entries[path], titles[path] = stored.open(), stored.name
    return entries, titles


def _stored(case: Case) -> list[StoredFile]:
    """Every stored file that the case holds or refers to, except earlier packages."""
    mine = {"case_id": case.pk}
    named = {*CaseMaterial.objects.filter(**mine, file__isnull=False).values_list("file", flat=True),
             *Hearing.objects.filter(**mine, file__isnull=False).values_list("file", flat=True),
             *Served.objects.filter(**mine, signature__isnull=False).values_list("signature", flat=True)}
    found = StoredFile.objects.filter(Q(case_id=case.pk) | Q(pk__in=named)).exclude(kind="archive").order_by("pk")
    rows = list(found)
    if lost := named - {item.pk for item in rows}:
        raise Refused(f"有 {len(lost)} 份材料不在本岗位的权限范围内,无法归档。请由材料所在地一并办理。")
    return rows


def _zip(entries: dict[str, bytes], moment: dt.datetime) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for path, content in entries.items():
            package.writestr(zipfile.ZipInfo(path, moment.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _record(action: str, case: Case, by: Actor, **more: Any) -> None:
    record(action, by=by, obj_type="case", obj_id=case.code, jurisdiction=case.jurisdiction,
           subject_person=case.applicant, **more)
