from django.urls import path

from oxherd.panel.upsell import views

urlpatterns = [
    path("<str:key>/", views.offer, name="upsell"),
    path("<str:key>/sent/", views.sent, name="upsell_sent"),
    path("<str:key>/look.css", views.style, name="upsell_style"),
    path("<str:key>/logo/<str:digest>.png", views.logo, name="upsell_logo"),
]
