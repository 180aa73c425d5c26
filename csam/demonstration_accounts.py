"""The two accounts that let a visitor try a portal that shows demonstration data.

Their passwords are drawn at random for each installation and kept in a file that only its owner reads: a
portal shown to others never has a password that this repository tells.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from csam.demonstration_call import ensure_call
from csam.demonstration_period import ensure_period
from partners.models import Membership, Organization, User

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class AccountsRefused(Exception):
    """Demonstration accounts may not exist here; the text says why."""


@dataclass(frozen=True)
class Account:
    role: str
    email: str
    password: str


def accounts_file() -> Path:
    return Path(settings.VAR_DIR) / "demonstration-accounts.json"


def ensure_accounts() -> list[Account]:
    """The accounts, made or mended so that the passwords returned are the ones that sign in."""
    if settings.IS_PRODUCTION:
        raise AccountsRefused("Demonstration accounts are never made in production.")
    organization = Organization.objects.filter(is_demonstration=True).order_by("pk").first()
    if organization is None:
        raise AccountsRefused("There is no demonstration data: load_demonstration comes first.")
    council, partner = _kept_accounts()
    staff = _ensure_user(council, name="Conseil (démonstration)", is_staff=True, is_superuser=True)
    user = _ensure_user(partner, name="Partenaire (démonstration)")
    Membership.objects.get_or_create(
        user=user, organization=organization, defaults={"role": Membership.Role.LEAD}
    )
    ensure_call(organization=organization, partner=user, council=staff, at=timezone.now())
    ensure_period(organization=organization, partner=user, council=staff, at=timezone.now())
    return [council, partner]


def _kept_accounts() -> list[Account]:
    file = accounts_file()
    if file.is_file():
        return [Account(**entry) for entry in json.loads(file.read_text(encoding="utf-8"))]
    accounts = [
        Account("council", "conseil@example.org", _password()),
        Account("partner", "partenaire@example.org", _password()),
    ]
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps([asdict(account) for account in accounts], indent=2), encoding="utf-8")
    part.replace(file)
    return accounts


def _password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _letter in range(5)) for _group in range(3))


def _ensure_user(account: Account, *, name: str, is_staff: bool = False, is_superuser: bool = False) -> User:
    user = User.objects.filter(email=account.email).first() or User(email=account.email)
    # Passwords are slow on purpose: they are checked and made before the database is kept from other writers.
    is_outdated = user.pk is None or not user.check_password(account.password)
    if is_outdated:
        user.name = name
        user.is_demonstration = True
        user.is_staff = is_staff
        user.is_superuser = is_superuser
        user.set_password(account.password)
    with transaction.atomic():
        if is_outdated:
            user.save()
        EmailAddress.objects.update_or_create(
            user=user, email=account.email, defaults={"verified": True, "primary": True}
        )
    return user
