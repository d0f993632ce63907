from django.urls import include, path, re_path

from oxherd.panel.session import closed
from oxherd.panel.signin.urls import account_urls, entrance_urls
from oxherd.panel.single_sign_on.doorway import SignInView
from oxherd.project.health import health

urlpatterns = [
    path("healthz", health),
    path("aps/", include("oxherd.aps.urls")),
    path("account/", include(account_urls)),
    path("sign-in/", include(entrance_urls)),
    path("sign-in/login/", SignInView.as_view(), name="account_login"),
    path("sign-in/", include("oxherd.panel.single_sign_on.urls")),
    # Administrators are added by others: of the package's pages only these are served.
    re_path(r"^sign-in/(?!(?:login|logout|inactive)/$)", closed),
    path("sign-in/", include("allauth.account.urls")),
    path("", include("oxherd.panel.urls")),
]

handler400 = "oxherd.panel.faults.bad_request"
handler403 = "oxherd.panel.faults.forbidden"
handler404 = "oxherd.panel.faults.not_found"
handler500 = "oxherd.panel.faults.server_error"
