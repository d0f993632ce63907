from django.urls import path

from oxherd.panel import purchases

urlpatterns = [
    path("", purchases.listed, name="ox_purchases"),
    path("proceed/", purchases.proceed, name="ox_purchases_proceed"),
    path("reject/", purchases.reject, name="ox_purchases_reject"),
]
