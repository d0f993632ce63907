from django.urls import path

from oxherd.panel.single_sign_on import doorway, entrance, saml

# Below sign-in/
urlpatterns = [
    path("where/", doorway.where, name="single_sign_on_where"),
    path("with/<str:key>/", entrance.start, name="single_sign_on"),
    path("with/<str:key>/callback/", entrance.callback, name="single_sign_on_callback"),
    path("with/<str:key>/metadata/", saml.metadata, name="saml_metadata"),
    path("with/<str:key>/answer/", saml.answer, name="saml_answer"),
    path("with/<str:key>/arrive/", saml.arrive, name="saml_arrive"),
]
