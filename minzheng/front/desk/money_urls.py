"""Addresses of money: payments, the ledger of benefits, figures."""

from __future__ import annotations

from django.urls import path

from minzheng.front.desk.views import book, budgets, cutting, envelopes, figures, payments, recovery

urlpatterns = [
    path("payments/", payments.payments, name="payments"),
    path("payments/new/", payments.build, name="pay_new"),
    path("payments/supplement", payments.supplement, name="pay_supplement"),
    path("payments/runs/<str:number>/", payments.run, name="pay_run"),
    path("payments/runs/<str:number>/seal", payments.seal, name="pay_seal"),
    path("payments/runs/<str:number>/refresh", payments.refresh, name="pay_refresh"),
    path("payments/attention/", payments.attention, name="pay_attention"),
    path("payments/accounts/", payments.accounts, name="pay_accounts"),
    path("payments/accounts/check", payments.check_accounts, name="pay_check"),
    path("payments/lines/<str:code>/", payments.line, name="pay_line"),
    path("payments/lines/<str:code>/cancel", payments.cancel_line, name="pay_cancel"),
    path("payments/lines/<str:code>/reissue", payments.reissue, name="pay_reissue"),
    path("payments/envelopes/<str:number>/", envelopes.envelope, name="pay_envelope"),
    path("payments/envelopes/<str:number>/sign", envelopes.sign, name="pay_sign"),
    path("payments/envelopes/<str:number>/release", envelopes.release, name="pay_release"),
    path("payments/envelopes/<str:number>/void", envelopes.void, name="pay_void"),
    path("payments/envelopes/<str:number>/send", envelopes.send_again, name="pay_send"),
    path("payments/envelopes/<str:number>/export", envelopes.export, name="pay_export"),
    path("payments/envelopes/<str:number>/return", envelopes.upload_return, name="pay_return"),
    path("payments/envelopes/<str:number>/bank-file", envelopes.bank_file, name="pay_file"),
    path("payments/envelopes/<str:number>/pain001", envelopes.iso_file, name="pay_iso_file"),
    path("payments/envelopes/<str:number>/pain002", envelopes.status_report, name="pay_status_report"),
    path("payments/oddities/<int:oddity>/resolve", envelopes.resolve, name="pay_resolve"),
    path("payments/recovery/", recovery.recoveries, name="pay_recovery_list"),
    path("payments/recovery/new/<str:number>/", recovery.open_recovery, name="pay_recovery_new"),
    path("payments/recovery/<str:number>/", recovery.recovery, name="pay_recovery"),
    path("payments/proof/", payments.proof, name="pay_proof"),
    path("payments/proof/keep", payments.keep_proof, name="pay_proof_keep"),
    path("book/", book.book, name="book"),
    path("book/reviews/", book.reviews, name="book_reviews"),
    path("book/ledger/", book.ledger, name="book_ledger"),
    path("book/budgets/", budgets.budgets, name="book_budgets"),
    path("book/budgets/appropriate", budgets.appropriate, name="book_appropriate"),
    path("book/budgets/shares", budgets.set_shares, name="book_shares"),
    path("book/<str:number>/", book.entitlement, name="book_entitlement"),
    path("book/<str:number>/payee/", book.payee, name="book_payee"),
    path("book/<str:number>/cut/", cutting.cutting, name="book_cut"),
    path("book/<str:number>/cut/try", cutting.try_to_reach, name="book_try"),
    path("book/<str:number>/cut/hear", cutting.hear, name="book_hear"),
    path("book/<str:number>/cut/decide", cutting.decide, name="book_decide"),
    path("book/<str:number>/<slug:step>", book.act, name="book_act"),
    path("figures/", figures.figures_page, name="figures"),
    path("figures/sheet/", figures.sheet, name="figures_sheet"),
    path("figures/export", figures.export, name="figures_export"),
]
