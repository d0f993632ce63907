"""Customers: the list's neighbours, and what concerns several."""

from django.urls import path

from oxherd.panel import billing, customer_add

urlpatterns = [
    path("usage/", billing.listed, name="customers_usage"),
    path("usage/export/", billing.export, name="customers_usage_export"),
    path("add/", customer_add.start, name="customer_add"),
    path("add/<uuid:key>/", customer_add.form, name="customer_add_form"),
    path("add/<uuid:key>/summary/", customer_add.summary, name="customer_add_summary"),
    path("add/<uuid:key>/discard/", customer_add.discard, name="customer_add_discard"),
]
