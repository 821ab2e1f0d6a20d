"""Whether the platform is alive and how far each service lags. No personal data, no secrets."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from minzheng.base import events
from minzheng.base.audit.sealing import delay
from minzheng.base.jobs import steering

# Beyond these a person should look.
WAITING_SECONDS = 300.0
SEALER_SECONDS = 60.0
DISK_FREE_PERCENT = 10


@dataclass(frozen=True)
class Measure:
    """Numbers only. Seconds count from the oldest that waits; sizes are in megabytes."""

    jobs_waiting: int
    jobs_oldest_seconds: int
    jobs_running: int
    jobs_failed: int
    events_pending: int
    events_oldest_seconds: int
    events_dead: int
    sealer_delay_seconds: int
    database_mb: int
    database_connections: int
    disk_free_mb: int
    disk_free_percent: int


def measure() -> Measure:
    jobs, outbox = steering.health(), events.health()
    with connections["aside"].cursor() as cursor:  # the acting role may not ask for the size of the database
        cursor.execute("SELECT pg_database_size(current_database()) / 1048576,"
                       " (SELECT numbackends FROM pg_stat_database WHERE datname = current_database())")
        size, backends = cursor.fetchone()
    disk = shutil.disk_usage(settings.VAR_DIR)
    return Measure(
        jobs_waiting=int(jobs["waiting"]), jobs_oldest_seconds=int(jobs["oldest_seconds"]),
        jobs_running=int(jobs["running"]), jobs_failed=int(jobs["failed"]), events_pending=int(outbox["pending"]),
        events_oldest_seconds=int(outbox["oldest_seconds"]), events_dead=int(outbox["dead"]),
        sealer_delay_seconds=int(delay()), database_mb=int(size), database_connections=int(backends or 0),
        disk_free_mb=disk.free // 1048576, disk_free_percent=disk.free * 100 // disk.total)


def problems(m: Measure) -> list[str]:
    """What a person should look at, and where to start; empty when all is well."""
    found = []
    if m.jobs_waiting and m.jobs_oldest_seconds > WAITING_SECONDS:
        found.append(f"后台任务排队已 {m.jobs_oldest_seconds // 60} 分钟,请检查后台进程是否在运行。")
    if m.events_pending and m.events_oldest_seconds > WAITING_SECONDS:
        found.append(f"事件积压已 {m.events_oldest_seconds // 60} 分钟,请检查后台进程是否在运行。")
    if m.sealer_delay_seconds > SEALER_SECONDS:
        found.append(f"审计记录已 {m.sealer_delay_seconds} 秒没有封印,请检查封印进程是否在运行。")
    if m.jobs_failed:
        found.append(f"有 {m.jobs_failed} 个任务出错,请在下面查看,修正原因后继续。")
    if m.events_dead:
        found.append(f"有 {m.events_dead} 个事件多次处理失败,同一办件后面的事件都在等它,请在下面查看,改正原因后重新处理。")
    if m.disk_free_percent < DISK_FREE_PERCENT:
        found.append(f"磁盘只剩 {m.disk_free_percent}%,请清理或扩容。")
    return found


def live(request: HttpRequest) -> HttpResponse:
    """For the supervisor and load balancers: the process answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"status": "ok"})


@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """For monitoring: the numbers of the health page. 503 when the database does not answer."""
    try:
        found = measure()
    except DatabaseError:
        return JsonResponse({"status": "down"}, status=503)
    return JsonResponse({"status": "attention" if problems(found) else "ok", **asdict(found)})
