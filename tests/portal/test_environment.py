import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from csam import environment


@pytest.fixture(autouse=True)
def known_names(monkeypatch):
    monkeypatch.setattr(environment, "known", set())


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("OUI", True), ("off", False), ("", True)])
def test_flag_reads_yes_and_no_in_both_languages(monkeypatch, value, expected):
    monkeypatch.setenv("CSAM_TRIAL", value)

    assert environment.flag("CSAM_TRIAL", default=True) is expected


@pytest.mark.parametrize(
    ("read", "value", "hint"),
    [
        (lambda: environment.flag("CSAM_TRIAL", default=True), "maybe", "Write 1 (yes) or 0 (no)"),
        (lambda: environment.integer("CSAM_TRIAL", 1, most=5), "6", "whole number from 0 to 5"),
        (lambda: environment.integer("CSAM_TRIAL", 1), "²", "whole number"),
        (lambda: environment.choice("CSAM_TRIAL", ["a", "b"], "a"), "c", "Write one of: a, b"),
        (lambda: environment.address("CSAM_TRIAL", ""), "plan.example.org", "https://plan.example.org"),
        (lambda: environment.address("CSAM_TRIAL", ""), "https://example.org/plan", "root of the site"),
        (lambda: environment.secret("CSAM_TRIAL"), "", "path of a file"),
        (lambda: environment.mail("CSAM_TRIAL", ""), "imap://example.org", "smtp+tls://"),
    ],
)
def test_wrong_value_is_refused_with_what_to_write(monkeypatch, read, value, hint):
    monkeypatch.setenv("CSAM_TRIAL", value)
    if not value:
        monkeypatch.setenv("CSAM_TRIAL_FILE", "/nowhere/at/all")

    with pytest.raises(ImproperlyConfigured) as refused:
        read()

    assert "CSAM_TRIAL" in str(refused.value)
    assert hint in str(refused.value)


def test_secret_is_read_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("hush\n")
    monkeypatch.setenv("CSAM_TRIAL_FILE", str(tmp_path / "secret"))

    assert environment.secret("CSAM_TRIAL") == "hush"


def test_secret_given_twice_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("CSAM_TRIAL", "hush")
    monkeypatch.setenv("CSAM_TRIAL_FILE", str(tmp_path / "secret"))

    with pytest.raises(ImproperlyConfigured, match="both set"):
        environment.secret("CSAM_TRIAL")


def test_database_of_postgresql_is_taken_apart(monkeypatch, tmp_path):
    monkeypatch.setenv("CSAM_TRIAL", "postgresql://ann:p%40ss@db.example.org:5433/plan?sslmode=require")

    database = environment.database("CSAM_TRIAL", "", base=tmp_path, pool=3)

    assert database == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "plan",
        "USER": "ann",
        "PASSWORD": "p@ss",
        "HOST": "db.example.org",
        "PORT": "5433",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"sslmode": "require", "pool": {"min_size": 1, "max_size": 3, "timeout": 20}},
    }


def test_database_of_postgresql_behind_a_socket(monkeypatch, tmp_path):
    monkeypatch.setenv("CSAM_TRIAL", "postgresql://postgres:@/plan?host=/run/pg")

    database = environment.database("CSAM_TRIAL", "", base=tmp_path, pool=0)

    assert (database["HOST"], database["NAME"], database["OPTIONS"]) == ("/run/pg", "plan", {})


@pytest.mark.parametrize(
    ("address", "file"),
    [("sqlite:///data/plan.sqlite3", "data/plan.sqlite3"), ("sqlite:////srv/a b.db", "/srv/a b.db")],
)
def test_database_of_sqlite_is_relative_or_absolute(monkeypatch, tmp_path, address, file):
    monkeypatch.setenv("CSAM_TRIAL", address)

    assert environment.database("CSAM_TRIAL", "", base=tmp_path, pool=0)["NAME"] == tmp_path / file


@pytest.mark.parametrize(
    "address", ["mysql://x/y", "sqlite://plan", "postgresql://ann@host", "postgresql://a:p/w@h/d"]
)
def test_database_that_is_not_understood_is_refused(monkeypatch, tmp_path, address):
    monkeypatch.setenv("CSAM_TRIAL", address)

    with pytest.raises(ImproperlyConfigured, match="CSAM_TRIAL"):
        environment.database("CSAM_TRIAL", "", base=tmp_path, pool=0)


def test_mail_is_taken_apart(monkeypatch):
    monkeypatch.setenv("CSAM_TRIAL", "smtp+tls://ann:p%40ss@mail.example.org")

    assert environment.mail("CSAM_TRIAL", "") == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example.org",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_USER": "ann",
        "EMAIL_HOST_PASSWORD": "p@ss",
        "EMAIL_USE_TLS": True,
        "EMAIL_USE_SSL": False,
        "EMAIL_TIMEOUT": 20,
    }


def test_mistyped_setting_is_refused_and_the_right_one_proposed(monkeypatch):
    for name in [name for name in environment.os.environ if name.startswith("CSAM_")]:
        monkeypatch.delenv(name)
    environment.text("CSAM_ADDRESS")
    monkeypatch.setenv("CSAM_ADRESS", "https://plan.example.org")

    with pytest.raises(ImproperlyConfigured, match=r"no setting CSAM_ADRESS\. Did you mean CSAM_ADDRESS"):
        environment.forbid_unknown()


def test_a_folder_that_cannot_be_made_is_refused_with_what_to_do(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CSAM_TRIAL", str(tmp_path / "file" / "var"))

    with pytest.raises(ImproperlyConfigured, match=r"cannot be made .* CSAM_TRIAL=…"):
        environment.writable_folder("CSAM_TRIAL", tmp_path)


def test_a_folder_that_cannot_be_written_in_is_refused_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "access", lambda _folder, _rights: False)

    with pytest.raises(ImproperlyConfigured, match="cannot be written in"):
        environment.writable_folder("CSAM_TRIAL", tmp_path)
