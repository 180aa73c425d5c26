"""Invitations that have left lose their link from the kept text, as those posted from now on do."""

import re
from typing import Any

from django.db import migrations

LINK = re.compile(r"https?://[^\s\"<>]*/espace/invitation/[^\s\"<>]+/")
HIDDEN_LINK = "lien-personnel://non-conserve"


def hide(apps: Any, schema_editor: Any) -> None:
    mails = apps.get_model("core", "Mail").objects.filter(event="invitation", secret_link="")
    for mail in mails.iterator():
        link = LINK.search(mail.text)
        if link is None:
            continue
        mail.secret_link = "" if mail.state == "sent" else link[0]
        mail.text, mail.html = LINK.sub(HIDDEN_LINK, mail.text), LINK.sub(HIDDEN_LINK, mail.html)
        mail.save(update_fields=["text", "html", "secret_link"])


class Migration(migrations.Migration):
    dependencies = [("core", "0002_mail_secret_link")]

    # Back again nothing is put in: the links of those that have left are gone, the others still leave whole.
    operations = [migrations.RunPython(hide, migrations.RunPython.noop, elidable=True)]
