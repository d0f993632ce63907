from django.urls import URLPattern, path

from oxherd.panel.single_sign_on import forms, pages, trial


def urls_of(prefix: str) -> list[URLPattern]:
    """The pages of one level's identity providers. prefix: how their names begin."""
    name = f"{prefix}identity_provider"
    return [
        path("", pages.listed, name=f"{name}s"),
        path("add/<slug:kind>/", forms.add, name=f"{name}_add"),
        path("<int:pk>/", pages.show, name=name),
        path("<int:pk>/edit/", forms.edit, name=f"{name}_edit"),
        path("<int:pk>/switch/", pages.switch, name=f"{name}_switch"),
        path("<int:pk>/test/", trial.ask, name=f"{name}_test"),
        path("<int:pk>/remove/", pages.remove, name=f"{name}_remove"),
        path("<int:pk>/forget/<int:identity>/", pages.unbind, name=f"{prefix}identity_forget"),
    ]
