"""Addresses of the pages on people, parameters, accounts, audit, health, messages, files and documents."""

from __future__ import annotations

from django.urls import path

from minzheng.front.desk.views import (
    accounts,
    auditing,
    downloads,
    health,
    inbox,
    parameters,
    people,
    registering,
    systems,
)

urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/register/", registering.register, name="register"),
    path("people/places", registering.places, name="register_places"),
    path("people/<int:person>/", people.person, name="person"),
    path("people/<int:person>/correct/", registering.correct, name="person_correct"),
    path("people/<int:person>/join/", registering.join, name="person_join"),
    path("people/<int:person>/open/", registering.open_household, name="person_open"),
    path("people/<int:person>/split/", registering.split, name="person_split"),
    path("people/<int:person>/head/", registering.head, name="person_head"),
    path("people/<int:person>/reveal/<slug:field>/", people.reveal, name="person_reveal"),
    path("people/<int:person>/conflicts/<int:source>/", people.settle, name="person_settle"),
    path("parameters/", parameters.parameter_list, name="parameters"),
    path("parameters/changes/<int:version>/", parameters.change, name="parameter_change"),
    path("parameters/changes/<int:version>/<slug:verb>", parameters.decide, name="parameter_decide"),
    path("parameters/<str:parameter>/", parameters.parameter, name="parameter"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/propose/", accounts.propose, name="account_propose"),
    path("accounts/places", accounts.place_options, name="account_places"),
    path("accounts/import/", accounts.import_accounts, name="account_import"),
    path("accounts/import/template.csv", accounts.import_template, name="account_template"),
    path("accounts/posts/<int:post>/approve", accounts.approve, name="post_approve"),
    path("accounts/posts/<int:post>/end/", accounts.end, name="post_end"),
    path("accounts/posts/<int:post>/cover/", accounts.cover, name="post_cover"),
    path("accounts/systems/", systems.systems, name="systems"),
    path("accounts/systems/new/", systems.propose, name="system_propose"),
    path("accounts/systems/<int:number>/", systems.system, name="system"),
    path("accounts/systems/<int:number>/approve", systems.approve, name="system_approve"),
    path("accounts/systems/<int:number>/end", systems.end, name="system_end"),
    path("accounts/<int:account>/", accounts.account, name="account"),
    path("accounts/<int:account>/<slug:verb>", accounts.care_for, name="account_care"),
    path("audit/", auditing.records, name="audit"),
    path("health/", health.health, name="health"),
    path("health/runs/<int:run>/resume", health.resume, name="health_resume"),
    path("messages/", inbox.inbox_page, name="messages"),
    path("messages/read", inbox.read_all, name="messages_read_all"),
    path("messages/<int:number>/read", inbox.read, name="message_read"),
    path("files/<str:code>", downloads.file, name="file"),
    path("documents/<str:number>.pdf", downloads.document, name="document"),
]
