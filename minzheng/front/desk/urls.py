from __future__ import annotations

from django.urls import path

from minzheng.front.desk import admin_urls, case_urls, money_urls, policy_urls
from minzheng.front.desk.views import cases, leave, passing, shell, tasks, workload

app_name = "desk"
urlpatterns = [
    path("", tasks.tasks, name="tasks"),
    path("tasks/batch", tasks.batch, name="batch"),
    path("post", shell.switch_post, name="switch_post"),
    path("leave/", leave.leave, name="leave"),
    path("leave/<int:number>/<slug:verb>", leave.act, name="leave_act"),
    path("workload/", workload.page, name="workload"),
    path("workload/tasks/", workload.tasks, name="workload_tasks"),
    path("workload/export", workload.export, name="workload_export"),
    path("search/", cases.search, name="search"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<str:code>/", cases.case, name="case"),
    path("cases/<str:code>/tasks/<int:task_id>/", cases.act, name="act"),
    path("cases/<str:code>/tasks/<int:task_id>/cosign", cases.cosign, name="cosign"),
    path("cases/<str:code>/tasks/<int:task_id>/transfer", passing.transfer, name="transfer"),
    path("cases/<str:code>/tasks/<int:task_id>/sign", cases.sign, name="sign"),
    path("cases/<str:code>/process.bpmn", cases.diagram, name="diagram"),
    path("cases/<str:code>/reveal/<int:person>/", cases.reveal, name="reveal"),
    path("cases/<str:code>/print/<slug:sheet>", cases.sheet, name="sheet"),
    *case_urls.urlpatterns,
    *admin_urls.urlpatterns,
    *money_urls.urlpatterns,
    *policy_urls.urlpatterns,
]
