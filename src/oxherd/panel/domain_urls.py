from django.urls import path

from oxherd.panel import dkim, domain, domain_dialogs, domain_removal, domains

urlpatterns = [
    path("", domains.listed, name="domains"),
    path("add/", domain_dialogs.add, name="domain_add"),
    path("add-subdomain/", domain_dialogs.add_subdomain, name="domain_add_subdomain"),
    path("remove/", domain_removal.remove, name="domains_remove"),
    path("remove/dependants/", domain_removal.dependants, name="domains_remove_dependants"),
    path("remove/conflicts/", domain_removal.conflicts, name="domains_remove_conflicts"),
    path("<int:pk>/", domain.show, name="domain"),
    path("<int:pk>/status/", domain.status, name="domain_status"),
    path("<int:pk>/check/", domain.check, name="domain_check"),
    path("<int:pk>/catch-all/", domain.catch_all, name="domain_catch_all"),
    path("<int:pk>/catch-all/retry/", domain.retry, name="domain_retry"),
    path("<int:pk>/zone/", domain.zone, name="domain_zone"),
    path("<int:pk>/edit/", domain_dialogs.edit, name="domain_edit"),
    path("<int:pk>/approve/", domain_dialogs.approve, name="domain_approve"),
    path("<int:pk>/dkim/make/", dkim.make, name="domain_dkim_make"),
    path("<int:pk>/dkim/rotate/", dkim.rotate, name="domain_dkim_rotate"),
    path("<int:pk>/dkim/remove/", dkim.remove, name="domain_dkim_remove"),
    path("<int:pk>/dkim/stop/", dkim.stop, name="domain_dkim_stop"),
]
