"""Who is in the pictures: one organization with somebody of each role, made in the database of the installation."""

import json
import logging
import os

import django

from tests.installation import Installation

PASSWORD = "a car park of drawn cars"  # noqa: S105 - of an installation that lives for minutes
ORGANIZATION = "Northlot Parking"
OWNER = ("iris@northlot.example", "Iris Owusu")
PEOPLE = {
    "max@northlot.example": ("Max Fischer", "manager"),
    "noor@northlot.example": ("Noor Haddad", "engineer"),
    "rita@northlot.example": ("Rita Osei", "reviewer"),
    "ada@northlot.example": ("Ada Lindqvist", "annotator"),
    "bob@northlot.example": ("Bob Tanaka", "annotator"),
    "chi@northlot.example": ("Chiara Moretti", "annotator"),
    "olga@northlot.example": ("Olga Brandt", "auditor"),
}


def act_in(installation: Installation) -> None:
    """Let this process use the installation's database and files, as its workers do."""
    secrets = json.loads((installation.folder / "secrets.json").read_text())
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.prod",
        "TESSERA_VAR": str(installation.folder),
        "SECRET_KEY": secrets["secret_key"],
        "DATABASE_URL": database(installation, "app_worker", secrets["app_worker"]),
        "REDIS_URL": _valkey(installation, "broker"),
        "REDIS_CACHE_URL": _valkey(installation, "cache"),
    }
    django.setup()
    logging.getLogger("httpx").setLevel(logging.WARNING)


def database(installation: Installation, role: str = "postgres", password: str = "") -> str:
    """The address for a role; for the server's own administrator unless said otherwise."""
    password = password or json.loads((installation.folder / "secrets.json").read_text())[role]
    port = (installation.folder / "postgres" / "postmaster.pid").read_text().splitlines()[3]
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/tessera"


def found() -> str:
    """The organization with all its people; gives its slug. Needs `act_in`."""
    from apps.accounts.models import Membership, User  # noqa: PLC0415 - Django's settings are only known now
    from apps.accounts.services import found_organization  # noqa: PLC0415
    from apps.core.tenancy import Context, tenant_tx  # noqa: PLC0415

    email, name = OWNER
    founded = found_organization(name=ORGANIZATION, owner_email=email, owner_name=name, password=PASSWORD)
    context = Context(org_id=founded.organization.pk)
    for email, (name, role) in PEOPLE.items():
        user = User.objects.create_user(email, name, PASSWORD)
        with tenant_tx(context):
            Membership.objects.create(org_id=context.org_id, user=user, role=role)
    return str(founded.organization.slug)


def _valkey(installation: Installation, name: str) -> str:
    options = installation.valkey(name).connection_pool.connection_kwargs
    return f"redis://:{options['password']}@127.0.0.1:{options['port']}/0"
