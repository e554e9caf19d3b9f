"""The demo's six sign-ins, and the switch between them; reachable only where DEMO is set."""

from dataclasses import dataclass

from apps.core.roles import Role

PASSWORD = "tessera-demo"  # noqa: S105 - printed by the demo on purpose


@dataclass(frozen=True, slots=True)
class SignIn:
    """One of the cast."""

    email: str
    name: str
    organization: str
    organization_name: str
    role: Role


SIGN_INS = (
    SignIn("noor@northlot.example", "Noor Haddad", "northlot", "Northlot Parking", Role.ENGINEER),
    SignIn("olga@northlot.example", "Olga Brandt", "northlot", "Northlot Parking", Role.AUDITOR),
    SignIn("max@meadow.example", "Max Fischer", "meadow", "Meadow Labels", Role.MANAGER),
    SignIn("rita@meadow.example", "Rita Osei", "meadow", "Meadow Labels", Role.REVIEWER),
    SignIn("ada@meadow.example", "Ada Lindqvist", "meadow", "Meadow Labels", Role.ANNOTATOR),
    SignIn("bob@meadow.example", "Bob Tanaka", "meadow", "Meadow Labels", Role.ANNOTATOR),
)
