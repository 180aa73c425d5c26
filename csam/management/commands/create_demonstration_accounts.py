from typing import Any

from django.core.management.base import BaseCommand, CommandError

from csam.demonstration_accounts import AccountsRefused, accounts_file, ensure_accounts


class Command(BaseCommand):
    help = (
        "Make the two accounts for trying the portal (council staff, a partner), and print their passwords."
    )

    def handle(self, **options: Any) -> None:
        try:
            accounts = ensure_accounts()
        except AccountsRefused as error:
            raise CommandError(str(error)) from error
        for account in accounts:
            self.stdout.write(f"{account.role}: {account.email} / {account.password}")
        self.stdout.write(f"They are kept in {accounts_file()}.")
