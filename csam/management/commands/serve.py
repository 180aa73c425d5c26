import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from csam import environment, serving
from csam.demonstration_accounts import AccountsRefused, ensure_accounts


class Command(BaseCommand):
    help = "Prepare what is missing, then run the web server and the worker until Ctrl-C (on HOST, PORT)."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("serve is the embedded mode. Production: see docs/operations/production.md.")
        host, port = settings.HOST, settings.PORT
        try:
            with serving.told_in_words(), serving.only_one():
                serving.ensure_port_is_free(host, port)
                call_command("prepare", demonstration=True, stdout=self.stdout)
                serving.drop_unreadable_messages()
                code = self._run(host, port)
        except serving.ServingError as error:
            raise CommandError(str(error)) from error
        sys.exit(code)

    def _run(self, host: str, port: int) -> int:
        address = serving.root_address(host, port)
        environ = {
            **os.environ,
            "CSAM_HOSTS": environment.text("CSAM_HOSTS") or ",".join(serving.hosts_for(host)),
            "CSAM_ADDRESS": environment.text("CSAM_ADDRESS") or address,
        }
        call_command("request_documents", if_missing=True, publish=True, stdout=self.stdout)
        connections.close_all()
        processes = serving.Processes(
            {"web": serving.web_command(host, port), "worker": serving.worker_command()}, environ
        )
        processes.start()
        try:
            if not processes.wait_until_ready(address, self._tell):
                return 0 if processes.stops_asked else 1
            self._tell(f"\nThe portal is ready: {address}/{self._accounts()}\nCtrl-C stops it.")
            return processes.watch(self._tell)
        finally:
            processes.stop(self._tell)

    def _accounts(self) -> str:
        try:
            accounts = ensure_accounts()
        except AccountsRefused:
            return ""
        connections.close_all()
        return "".join(f"  {account.role}: {account.email} / {account.password}" for account in accounts)

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
