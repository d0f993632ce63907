import re
from dataclasses import fields

import pytest

from oxherd.brands.commands import change_brand
from oxherd.profiles.module_words import LANGUAGES, WORDS
from oxherd.profiles.modules import MODULES
from oxherd.purchases.mails import TEXTS, Texts, decision, language_of
from oxherd.purchases.models import PurchaseRequest


@pytest.fixture
def decided(cast, anna, asks):
    change_brand(actor=cast.system, brand=cast.brand, app_suite_url="https://webmail.test/appsuite/")
    asks(anna)

    def as_decided(state: str, language: str = "en_US", reason: str = "") -> PurchaseRequest:
        PurchaseRequest.objects.update(state=state, language=language, reason=reason)
        return PurchaseRequest.objects.select_related("tenant__brand", "from_profile", "to_profile").get()

    return as_decided


def test_an_approval_tells_what_is_new_and_where(decided):
    mail = decision(decided("approved"), "anna@xn--bcher-kva.example")
    assert (mail.subject, mail.to, mail.from_email) == (
        "You get the profile Groupware",
        ["Anna Becker <anna@xn--bcher-kva.example>"],
        "Sunrise <oxherd@localhost>",
    )
    assert mail.body.split("\n\n")[2:] == [
        "What is new: Calendar, Tasks, Drive for files, Address book of all colleagues, Shared folders.",
        "Your webmail: https://webmail.test/appsuite/",
        "Sunrise\n",
    ]
    assert mail.message()["Auto-Submitted"] == "auto-generated"


def test_a_rejection_tells_the_reason_as_it_was_written(decided):
    mail = decision(decided("rejected", "de_AT", "Kein {Budget}, leider"), "anna@acme.test")
    assert mail.subject == "Ihre Anfrage nach dem Profil Groupware"
    assert "Der Grund: Kein {Budget}, leider" in mail.body.split("\n\n")
    assert "Neu für Sie" not in mail.body


def test_the_same_decision_is_the_same_mail(decided):
    request = decided("approved")
    ids = [decision(request, "anna@acme.test").message()["Message-ID"] for _ in range(2)]
    assert ids[0] == ids[1] == f"<purchase-request-{request.pk}@localhost>"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_everything(decided, language):
    assert TEXTS.keys() == set(LANGUAGES)
    for field in fields(Texts):
        marks = [re.findall(r"\{\w+\}", getattr(texts, field.name)) for texts in (TEXTS["en"], TEXTS[language])]
        assert marks[0] == marks[1], field.name
    bodies = {decision(decided("approved", f"{other}_XX"), "anna@acme.test").body for other in LANGUAGES}
    assert len(bodies) == len(LANGUAGES)


def test_every_main_module_has_a_name_in_every_language():
    main = {module.key for module in MODULES if module.main}
    assert WORDS.keys() == main
    assert {frozenset(words) for words in WORDS.values()} == {frozenset(LANGUAGES) - {"en"}}


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de_DE", "de"), ("fr-CA", "fr"), ("NL", "nl"), ("ja_JP", "en"), ("", "en"), ("../de", "en"), ("de\n", "en")],
)
def test_a_locale_is_taken_for_its_language(locale, language):
    assert language_of(locale) == language
