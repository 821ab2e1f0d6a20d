"""What other rooms report to the registry."""

from __future__ import annotations

from minzheng.base import events
from minzheng.data.exchange.inbound import DEATH, read_notice
from minzheng.data.registry.models import Person
from minzheng.data.registry.people import do_record_death
from minzheng.data.registry.queries import index_of
from minzheng.data.registry.sources import Source

_REPORTERS = {"police": "公安", "health": "卫生健康", "funeral": "民政殡葬"}


@events.subscribes(DEATH, level=1)
def record_reported_death(event: events.Event) -> None:
    """A signed death notice → the death in the registry, which tells everybody by registry.person_died.
    Idempotent: a death that
    is known is filed as agreeing. Province-wide, since the reporting office need not be of the person's county."""
    notice = read_notice(int(event.payload["notice"]))
    person = Person.objects.filter(id_index=index_of(notice.id_number)).first()
    if person is None or person.name != notice.name:
        # not registered with us, or the number is somebody else's: the notice stays for a person to look at
        return
    department = _REPORTERS[str(event.payload["partner"])]
    do_record_death(person.pk, notice.died_on, Source(department, "死亡信息报送", notice.died_on), by=event.by)
