"""What happens elsewhere and concerns a plan. Each consumer may be run twice."""

from __future__ import annotations

from minzheng.base import flow
from minzheng.base.events import Event, subscribes
from minzheng.scenes.assistance.services.models import ServicePlan
from minzheng.scenes.assistance.services.planning import end


@subscribes("registry.person_died", level=1)
def a_plan_ends_with_the_person(event: Event) -> None:
    for plan in ServicePlan.objects.select_for_update().filter(person=event.payload["person_id"], state="running"):
        flow.cancel(plan.number, by=event.by, reason="服务对象去世")
        end(plan, "服务对象去世", by=event.by)


@subscribes("registry.household_changed", level=1)
def a_plan_follows_its_household(event: Event) -> None:
    for plan in ServicePlan.objects.filter(household_id=event.payload["household_id"], state="running"):
        if any(task.jurisdiction != plan.jurisdiction for task in flow.open_tasks(plan.number)):
            flow.move(plan.number, plan.jurisdiction)
