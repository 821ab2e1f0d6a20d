from __future__ import annotations

from django.urls import path

from minzheng.scenes.assistance import aid_views, citizen_views
from minzheng.scenes.assistance.reviews import views as review_views
from minzheng.scenes.assistance.socialforces import citizen_views as charity
from minzheng.scenes.assistance.temporary import expense_views, request_views

app_name = "assistance_my"
urlpatterns = [
    path("dibao/", citizen_views.apply, {"matter": "dibao"}, name="apply"),
    path("edge/", citizen_views.apply, {"matter": "edge"}, name="apply_edge"),
    path("rigid/", citizen_views.apply, {"matter": "rigid"}, name="apply_rigid"),
    path("tekun/", citizen_views.apply, {"matter": "tekun"}, name="apply_tekun"),
    path("aid/", aid_views.own, name="aid"),
    path("aid/deliveries/<int:delivery>/", aid_views.evaluate, name="evaluate"),
    path("aid/gifts/<int:gift>/", aid_views.feedback, name="feedback"),
    path("charity/", charity.board, name="charity"),
    path("charity/needs/<str:need>/", charity.claim_it, name="claim_it"),
    path("charity/claims/<str:claim>/", charity.my_claim, name="my_claim"),
    path("urgent/", request_views.ask, name="ask_urgent"),
    path("expenditure/", expense_views.apply, name="apply_expenditure"),
    path("recognitions/", review_views.own_recognitions, name="recognitions"),
    path("recognitions/<int:number>/report/", review_views.report, name="report"),
    path("checks/<str:code>/", citizen_views.check, name="check"),
]
