"""Letters: written once per person, sent after commit, never lost."""

import datetime as dt
import re
import smtplib
import time

import pytest
from django.conf import settings as django_settings
from django.core import mail as outbox
from django.core.mail.backends import locmem
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone, translation

from core import mailing, sending
from core.mailing import Address, Letter
from core.models import Mail
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def write(*, name):
    return Letter(
        subject="Bienvenue",
        paragraphs=[f"Le projet « {name} » : 12 % de plus, aujourd'hui."],
        facts=[("Organisation", "Chez Alice")],
        quote="Merci!\nÀ bientôt",
        action=("Ouvrir", "/espace/"),
    )


EVENT = mailing.Event("essai", "Essai", write, lambda: {"name": "Marché"})


def post(*people, about="essai:1"):
    return mailing.post(EVENT, to=people, about=about, name="Marché <b>")


def test_a_letter_says_the_same_in_text_and_in_its_page():
    rendered = mailing.render(write(name="Marché <b>"), "fr")

    assert rendered.subject == "[Conseil SAM] Bienvenue"
    assert "« Marché <b> » : 12 % de plus, aujourd’hui." in rendered.text.replace("\u00a0", " ")
    assert "12\u00a0%" in rendered.text
    assert "> Merci!\n> À bientôt" in rendered.text
    assert f"Ouvrir\u00a0:\n{django_settings.SITE_ADDRESS}/espace/" in rendered.text
    assert "Marché &lt;b&gt;" in rendered.html
    assert f'href="{django_settings.SITE_ADDRESS}/espace/"' in rendered.html


def test_each_is_written_to_in_their_language():
    french, english = UserFactory(), UserFactory(language="en")

    post(french, english)

    languages = dict(Mail.objects.values_list("address", "language"))
    assert languages == {french.email: "fr", english.email: "en"}
    assert "Hello," in Mail.objects.get(address=english.email).text
    assert translation.get_language() == "fr"


def test_nobody_is_told_twice_of_the_same_thing():
    alice = UserFactory(email="alice@example.org")

    post(alice, Address("ALICE@example.org"))
    post(alice)
    post(alice, about="essai:2")

    assert list(Mail.objects.order_by("pk").values_list("about", flat=True)) == ["essai:1", "essai:2"]
    assert set(Mail.objects.values_list("address", flat=True)) == {"alice@example.org"}


# Personal links ----------------------------------------------------------------------------------------------


def write_secret(*, key):
    return Letter(
        subject="Venez",
        paragraphs=["Ouvrez le lien."],
        action=("Ouvrir", f"/cle/{key}/?a=1&b=2"),
        is_action_secret=True,
    )


SECRET = mailing.Event("secret", "Secret", write_secret, lambda: {"key": "x"})


def post_secret(key="sesame", **data):
    return mailing.post(SECRET, to=[Address("alice@example.org")], about=f"secret:{len(key)}", key=key)[0]


def test_a_personal_link_leaves_and_is_not_kept():
    row = post_secret()
    assert "sesame" not in row.text + row.html

    sending.send_due()

    link = f"{django_settings.SITE_ADDRESS}/cle/sesame/?a=1&b=2"
    (message,) = outbox.outbox
    assert f"Ouvrir\u00a0:\n{link}\n" in message.body
    assert f'href="{link.replace("&", "&amp;")}"' in message.alternatives[0].content
    row.refresh_from_db()
    assert (row.state, row.secret_link, row.has_lost_link) == ("sent", "", True)


def test_a_letter_whose_link_is_gone_is_not_sent_again(admin_client):
    row = post_secret()
    sending.send_due()

    with pytest.raises(mailing.NotResendable):
        mailing.resend(mail=row.__class__.objects.get(pk=row.pk), at=timezone.now())
    answer = admin_client.post(
        "/admin/core/mail/", {"action": "send_again", "_selected_action": [row.pk]}, follow=True
    )

    assert "portait un lien personnel" in str(next(iter(answer.context["messages"])))
    assert sending.send_due() == 0


def test_a_letter_that_failed_keeps_its_link_for_a_while(monkeypatch):
    row, other = post_secret(), post_secret("autre")
    rows = Mail.objects.filter(pk__in=(row.pk, other.pk))
    rows.update(state=Mail.State.FAILED)
    rows.filter(pk=other.pk).update(created_at=timezone.now() - dt.timedelta(days=15))

    sending.forget_links(now=timezone.now())
    mailing.resend(mail=rows.get(pk=row.pk), at=timezone.now())

    assert sending.send_due() == 1
    assert "/cle/sesame/" in outbox.outbox[0].body
    assert rows.get(pk=other.pk).secret_link == ""


def test_the_desk_never_shows_a_personal_link(admin_client):
    row = post_secret()

    page = admin_client.get(f"/admin/core/mail/{row.pk}/change/").content.decode()

    assert "sesame" not in page
    assert "(lien personnel, non conservé)" in page


def test_what_is_rolled_back_is_not_told():
    with pytest.raises(RuntimeError), transaction.atomic():
        post(UserFactory())
        raise RuntimeError

    assert not Mail.objects.exists()


def test_due_mail_leaves_once_and_says_when():
    post(UserFactory(email="alice@example.org"), UserFactory(email="bob@example.org"))

    assert sending.send_due() == 2
    assert sending.send_due() == 0
    assert [message.to for message in outbox.outbox] == [["alice@example.org"], ["bob@example.org"]]
    assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}
    assert Mail.objects.filter(sent_at=None).count() == 0


def test_a_failing_address_is_put_off_and_the_others_go_out(monkeypatch):
    post(Address("panne@example.org"), Address("bob@example.org"))
    deliver = locmem.EmailBackend.send_messages

    def refuse_one(self, messages):
        if messages[0].to == ["panne@example.org"]:
            raise ConnectionRefusedError("no server")
        return deliver(self, messages)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refuse_one)
    sending.send_due()

    failed = Mail.objects.get(address="panne@example.org")
    assert (failed.state, failed.attempts) == ("waiting", 1)
    assert "no server" in failed.error
    assert failed.due_at > timezone.now()
    assert Mail.objects.get(address="bob@example.org").state == "sent"


def test_an_address_refused_for_good_fails_at_once(monkeypatch):
    def refuse(self, messages):
        raise smtplib.SMTPRecipientsRefused({"x@example.org": (550, b"unknown")})

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refuse)
    post(Address("x@example.org"))
    sending.send_due()

    assert Mail.objects.get().state == "failed"


def test_a_letter_that_fails_for_days_is_given_up(monkeypatch):
    def refuse(self, messages):
        raise OSError("no server")

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refuse)
    post(Address("x@example.org"))
    for _attempt in range(len(sending.DELAYS) + 1):
        sending.send_due(now=timezone.now() + dt.timedelta(days=2))

    assert (Mail.objects.get().state, Mail.objects.get().attempts) == ("failed", 8)


def test_staff_send_a_letter_again(admin_client):
    (row,) = post(Address("x@example.org"))
    sending.send_due()

    admin_client.post("/admin/core/mail/", {"action": "send_again", "_selected_action": [row.pk]})
    sending.send_due()

    assert len(outbox.outbox) == 2


def test_a_letter_is_sent_again_from_its_page(admin_client):
    (row,) = post(Address("x@example.org"))
    sending.send_due()
    address = f"/admin/core/mail/{row.pk}/renvoyer/"

    assert address in admin_client.get(f"/admin/core/mail/{row.pk}/change/").content.decode()
    assert admin_client.get(address).status_code == 403
    admin_client.post(address)
    sending.send_due()

    assert len(outbox.outbox) == 2


def test_the_page_offers_no_button_where_the_link_is_gone(admin_client):
    row = post_secret()
    sending.send_due()

    page = admin_client.get(f"/admin/core/mail/{row.pk}/change/").content.decode()

    assert "/renvoyer/" not in page


def test_the_desk_shows_mail_and_changes_none_of_it(admin_client):
    (row,) = post(Address("x@example.org"))

    assert admin_client.get("/admin/core/mail/").status_code == 200
    page = admin_client.get(f"/admin/core/mail/{row.pk}/change/").content.decode()

    assert "x@example.org" in page
    assert '<input type="text"' not in page
    assert admin_client.get("/admin/core/mail/add/").status_code == 403


def test_events_are_listed_and_previewed(capsys, monkeypatch):
    monkeypatch.setitem(mailing.EVENTS, "essai", EVENT)

    call_command("preview_mail")
    call_command("preview_mail", "essai")

    printed = capsys.readouterr().out
    assert "essai" in printed
    assert "Bienvenue" in printed
    assert not Mail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_no_mail(celery_worker_process):
    folder = django_settings.VAR_DIR / "mail"
    before = set(delivered(folder))
    with transaction.atomic():
        post(*[Address(f"personne{n}@example.org") for n in range(40)])

    wait_until(lambda: len(set(delivered(folder)) - before) >= 3)
    celery_worker_process.kill()
    sent_before = Mail.objects.filter(state="sent").count()
    Mail.objects.filter(state="sending").update(taken_at=timezone.now() - dt.timedelta(hours=1))
    celery_worker_process.start_another()
    mailing.ring()
    wait_until(lambda: Mail.objects.filter(state="sent").count() == 40)

    letters = [m for m in delivered(folder) if m not in before]
    assert 0 < sent_before < 40
    assert len(set(letters)) == 40
    assert len(letters) <= 41  # only the one in the air may come twice, under the same Message-ID


def delivered(folder):
    """The Message-ID of each letter written there; a file holds several when they left within a second."""
    return [
        found for file in folder.glob("*") for found in re.findall(r"Message-ID: (\S+)", file.read_text())
    ]


def wait_until(condition, seconds=60):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "nothing happened"
        time.sleep(0.02)
