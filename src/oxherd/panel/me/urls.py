from django.urls import path

from oxherd.panel.me import app_passwords, changes, entrance, page

urlpatterns = [
    path("", page.show, name="me"),
    path("sign-in/", entrance.sign_in, name="me_sign_in"),
    path("sign-out/", entrance.sign_out, name="me_sign_out"),
    path("usage/", page.used, name="me_usage"),
    path("password/", changes.password, name="me_password"),
    path("app-passwords/add/", app_passwords.add, name="me_app_password_add"),
    path("app-passwords/<int:pk>/revoke/", app_passwords.revoke, name="me_app_password_revoke"),
    path("photo/", changes.photo, name="me_photo_change"),
    path("photo/<str:digest>.jpg", page.photo, name="me_photo"),
    path("upgrade/", changes.upgrade, name="me_upgrade"),
    path("logo/<str:digest>.png", page.logo, name="me_logo"),
    path("style.css", page.style, name="me_style"),
]
