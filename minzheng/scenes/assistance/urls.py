from __future__ import annotations

from django.urls import include, path

from minzheng.scenes.assistance import aid_views, converting_views, deciding_views, intake_views, views
from minzheng.scenes.assistance.campaigns import views as campaign_views
from minzheng.scenes.assistance.legacy import urls as legacy
from minzheng.scenes.assistance.price import urls as price
from minzheng.scenes.assistance.referrals import urls as referrals
from minzheng.scenes.assistance.reviews import views as review_views
from minzheng.scenes.assistance.services import urls as services
from minzheng.scenes.assistance.socialforces import urls as socialforces
from minzheng.scenes.assistance.statistics import views as statistics_views
from minzheng.scenes.assistance.temporary import expense_views as expenses
from minzheng.scenes.assistance.temporary import fund_views, request_views
from minzheng.scenes.assistance.temporary import identify as identifying
from minzheng.scenes.assistance.temporary import views as temporary

app_name = "assistance"
urlpatterns = [
    path("dibao/new", intake_views.TakeIn.as_view(), name="intake"),
    path("edge/new", intake_views.TakeIn.as_view(matter="edge"), name="intake_edge"),
    path("rigid/new", intake_views.TakeIn.as_view(matter="rigid"), name="intake_rigid"),
    path("tekun/new", intake_views.TakeIn.as_view(matter="tekun"), name="intake_tekun"),
    path("recognitions/", review_views.recognitions, name="recognitions"),
    path("recognitions/<int:number>/review/", review_views.review, name="review"),
    path("temporary/funds", fund_views.funds, name="temporary_funds"),
    path("temporary/new", temporary.register, name="intake_temporary"),
    path("statistics/", statistics_views.page, name="statistics"),
    path("statistics/rows/", statistics_views.rows, name="statistics_rows"),
    path("statistics/export", statistics_views.export, name="statistics_export"),
    path("statistics/correct", statistics_views.correct, name="statistics_correct"),
    path("campaigns/", campaign_views.campaigns, name="campaigns"),
    path("campaigns/<str:number>/", campaign_views.campaign, name="campaign"),
    path("campaigns/<str:number>/export", campaign_views.export, name="campaign_export"),
    path("campaigns/<str:number>/<slug:verb>", campaign_views.act, name="campaign_act"),
    path("temporary/cases/<str:code>/identify", identifying.identify, name="identify"),
    path("temporary/requests/<str:number>/", request_views.answer, name="help_request"),
    path("expenses/new", expenses.find, name="intake_expenditure"),
    path("expenses/<int:number>/new", expenses.take_in, name="expenditure_new"),
    path("checks/<str:code>/retry", views.retry_check, name="retry_check"),
    path("checks/<str:code>/report", views.issue_report, name="issue_report"),
    path("checks/<str:code>/print", views.print_report, name="print_report"),
    path("cases/<str:code>/compare/", converting_views.compare, name="compare"),
    path("cases/<str:code>/stop/", deciding_views.stop, name="stop"),
    path("cases/<str:code>/decide-again/", deciding_views.decide_again, name="decide_again"),
    *legacy.urlpatterns,
    *price.urlpatterns,
    path("aid/<int:household>/", aid_views.household, name="aid"),
    *referrals.urlpatterns,
    *services.urlpatterns,
    *socialforces.urlpatterns,
    path("monitoring/", include("minzheng.scenes.assistance.monitoring.urls")),
]
