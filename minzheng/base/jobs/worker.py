"""The worker process: jobs from the queue, events from the outbox, and jobs whose worker died put back in line."""

from __future__ import annotations

import asyncio
import threading

import structlog
from procrastinate import App, exceptions
from procrastinate.contrib.django import app

from minzheng.base.events.consuming import deliver_forever

log = structlog.get_logger(__name__)
STALLED_AFTER = 30.0
HEARTBEAT = 10.0
WATCH = 15.0


async def retry_stalled(queue: App) -> int:
    """Put jobs back whose worker has shown no sign of life for half a minute (kill -9); returns how many."""
    stalled = list(await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER))
    for job in stalled:
        log.warning("job_was_stalled", job=job.id, task=job.task_name)
        await queue.job_manager.retry_job(job)
    await queue.job_manager.prune_stalled_workers(STALLED_AFTER)
    return len(stalled)


async def _watch(queue: App) -> None:
    while True:
        try:
            await retry_stalled(queue)
        except exceptions.ConnectorException as error:
            log.warning("stalled_check_failed", kind=type(error).__name__)
        await asyncio.sleep(WATCH)


async def _work(concurrency: int) -> None:
    with app.replace_connector(app.connector.get_worker_connector()) as queue:
        async with queue.open_async():
            watch = asyncio.create_task(_watch(queue))
            try:
                await queue.run_worker_async(concurrency=concurrency, shutdown_graceful_timeout=20,
                                             fetch_job_polling_interval=2, update_heartbeat_interval=HEARTBEAT,
                                             stalled_worker_timeout=STALLED_AFTER)
            finally:
                watch.cancel()


def work_forever(concurrency: int) -> None:
    """Run until SIGTERM or Ctrl-C. When the database is lost the process ends and its supervisor starts it again."""
    stop = threading.Event()
    events = threading.Thread(target=deliver_forever, args=[stop], name="events")
    events.start()
    try:
        asyncio.run(_work(concurrency))
    finally:
        stop.set()
        events.join(timeout=30)
