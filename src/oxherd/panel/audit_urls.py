"""The audit's addresses; under a customer's they are about that customer alone."""

from django.urls import path

from oxherd.panel import audit, audit_entry

tenant = [
    path("", audit.listed, name="tenant_audit"),
    path("<int:pk>/", audit_entry.show, name="tenant_audit_entry"),
    path("export/<slug:form>/", audit.export, name="tenant_audit_export"),
]
urlpatterns = [
    path("", audit.listed, name="audit"),
    path("<int:pk>/", audit_entry.show, name="audit_entry"),
    path("export/<slug:form>/", audit.export, name="audit_export"),
]
