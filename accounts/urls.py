from django.urls import URLPattern, URLResolver, path

from accounts import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("profile", views.profile, name="profile"),
    path("profile/tokens", views.make_token, name="profile-tokens"),
    path("profile/tokens/<int:token_id>/revoke", views.revoke_token, name="profile-token-revoke"),
    # In place of allauth's, which come after these in the map of pages.
    path("accounts/email/", views.own_address),
    path("accounts/confirm-email/", views.own_address),
]
