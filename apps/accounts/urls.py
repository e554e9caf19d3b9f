"""Sign-in pages, and the API of people and organizations."""

from django.urls import URLPattern, path

from .api import engagements, members, roles
from .views import account, entrances, reset, second_factor, second_step, sign_in, sign_on
from .views import engagements as engagement_pages
from .views import members as member_pages
from .views import roles as role_pages
from .views import teams as team_pages
from .views.settings import settings_page

outside = [
    path("", sign_in.home, name="home"),
    path("first-run", entrances.first_run, name="first_run"),
    path("join/<str:secret>", entrances.join, name="join"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-in/code", second_step.code, name="sign_in_code"),
    path("sign-in/through", sign_on.choose, name="choose_single_sign_on"),
    path("sign-in/through/<slug:slug>", sign_on.begin, name="single_sign_on"),
    path("sign-in/through/<slug:slug>/back", sign_on.back, name="single_sign_on_back"),
    path("reset", reset.ask, name="reset"),
    path("reset/<uuid:person_id>/<str:token>", reset.choose, name="new_password"),
    path("account", account.account, name="account"),
    path("account/profile", account.profile, name="profile"),
    path("account/password", account.password, name="password"),
    path("account/second-factor", second_factor.second_factor, name="second_factor"),
    path("account/second-factor/recovery-codes", second_factor.recovery_codes, name="recovery_codes"),
    path("account/second-factor/end", second_factor.end, name="end_second_factor"),
    path("account/sessions/others", account.other_sessions, name="other_sessions"),
    path("account/sessions/<slug:handle>", account.session, name="session"),
    path("account/tokens", account.tokens, name="tokens"),
    path("account/tokens/<uuid:token_id>", account.token, name="token"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("demo/view-as", sign_in.view_as, name="view_as"),
]
pages: list[URLPattern] = [
    path("members/", member_pages.members, name="members"),
    path("members/<uuid:membership_id>", member_pages.member, name="member"),
    path("invitations/<uuid:invitation_id>", member_pages.invitation, name="invitation"),
    path("members/<uuid:membership_id>/password-link", reset.link_for_member, name="password_link"),
    path("single-sign-on/", sign_on.provider, name="single_sign_on"),
    path("single-sign-on/enforcement", sign_on.enforcement, name="single_sign_on_enforcement"),
    path("single-sign-on/removal", sign_on.removal, name="single_sign_on_removal"),
    path("settings/", settings_page, name="settings"),
    path("roles/", role_pages.roles, name="roles"),
    path("roles/<uuid:role_id>", role_pages.role, name="role"),
    path("roles/<uuid:role_id>/deletion", role_pages.role_deletion, name="role_deletion"),
    path("teams/", team_pages.teams, name="teams"),
    path("teams/<uuid:team_id>", team_pages.team, name="team"),
    path("teams/<uuid:team_id>/deletion", team_pages.team_deletion, name="team_deletion"),
    path("engagements/", engagement_pages.engagements, name="engagements"),
    path("engagements/<uuid:engagement_id>", engagement_pages.engagement, name="engagement"),
    path("engagements/<uuid:engagement_id>/acceptance", engagement_pages.acceptance, name="engagement_acceptance"),
    path("engagements/<uuid:engagement_id>/end", engagement_pages.ending, name="engagement_end"),
    path("projects/<uuid:project_id>/share", engagement_pages.share, name="share"),
]
api_outside = [
    path("me", members.Me.as_view()),
    path("memberships", members.Memberships.as_view()),
    path("tokens", members.Tokens.as_view()),
    path("tokens/<uuid:token_id>", members.OneToken.as_view()),
]
api = [
    path("members", members.Members.as_view()),
    path("members/<uuid:membership_id>", members.OneMember.as_view()),
    path("members/<uuid:membership_id>/password_link", members.MemberPasswordLink.as_view()),
    path("invitations", members.Invitations.as_view()),
    path("invitations/<uuid:invitation_id>", members.OneInvitation.as_view()),
    path("organization", roles.OwnOrganization.as_view()),
    path("custom_roles", roles.CustomRoles.as_view()),
    path("custom_roles/<uuid:role_id>", roles.OneCustomRole.as_view()),
    path("teams", roles.Teams.as_view()),
    path("teams/<uuid:team_id>", roles.OneTeam.as_view()),
    path("engagements", engagements.Engagements.as_view()),
    path("engagements/<uuid:engagement_id>", engagements.OneEngagement.as_view()),
    path("engagements/<uuid:engagement_id>/acceptance", engagements.EngagementAcceptance.as_view()),
]
