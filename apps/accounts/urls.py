"""Sign-in pages, and the API of people and organizations."""

from django.urls import path

from . import api as endpoints
from . import views

outside = [
    path("", views.home, name="home"),
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("demo/view-as", views.view_as, name="view_as"),
]
api_outside = [
    path("me", endpoints.Me.as_view()),
    path("tokens", endpoints.Tokens.as_view()),
    path("tokens/<uuid:token_id>", endpoints.OneToken.as_view()),
]
api = [
    path("members", endpoints.Members.as_view()),
    path("engagements", endpoints.Engagements.as_view()),
]
