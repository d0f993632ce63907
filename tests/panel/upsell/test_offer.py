import re

import pytest
from django.core.cache import cache
from tests.panel.upsell.offer_page import WEBMAIL, Visitor, cards, text_of
from tests.pictures import picture
from tests.rows import everything

from oxherd.brands.commands import add_brand
from oxherd.brands.upsell_commands import change_logo, change_upsell
from oxherd.people.ox_commands import change_profile
from oxherd.profiles.commands import add_profile
from oxherd.purchases.models import PurchaseRequest

SESSION = "4711e8b15f0d4a6a8a3a1f3f0a1b2c3d"


def test_a_user_sees_the_offer_and_asks_for_it(cast, visitor, claims):
    page = visitor.get(**claims, missing="calendar", type="app", id="io.ox/calendar", mail="anna.becker@acme.test")
    assert [(card[0], card[1:3]) for card in cards(page)] == [
        ("Groupware", ["Calendar", "Tasks"]),
        ("Premium", ["Calendar", "Tasks"]),
    ]
    assert "Files unlimited" in text_of(page)
    sent = visitor.send(page, message="I need it for the fair.")
    assert (sent.status_code, sent.url) == (303, f"{visitor.url}sent/?lang=en_US")
    assert "Your request was sent" in text_of(visitor.client.get(sent.url))
    request = PurchaseRequest.objects.get()
    assert (str(request), request.to_name, request.message, request.trigger, request.missing) == (
        "Anna Becker",
        "Groupware",
        "I need it for the fair.",
        "app io.ox/calendar",
        ["calendar"],
    )
    assert (request.verification, request.tenant, request.language) == ("unverified", cast.acme, "en_US")


def test_the_cheapest_that_gives_all_is_chosen_and_another_may_be(visitor, claims):
    page = visitor.get(**claims, missing="active_sync,tasks")
    assert [card[0] for card in cards(page)] == ["Premium"]
    page = visitor.get(**claims)
    assert [card[0] for card in cards(page)] == ["Groupware", "Premium"]
    checked = re.findall(r'value="(\d+)"\s+checked', page.content.decode())
    assert checked == re.findall(r'name="profile"\s+value="(\d+)"', page.content.decode())[:1]
    planned = visitor.get(**claims, upsell_plan="groupware_premium").content.decode()
    assert re.findall(r'value="(\d+)"\s+checked', planned) == re.findall(r'name="profile"\s+value="(\d+)"', planned)[1:]


@pytest.mark.parametrize(
    "names",
    [
        {"context_id": "CID", "user_id": "3", "language": "de_DE", "missing": "calendar", "type": "app", "id": "x"},
        {
            "cid": "CID",
            "mail": "anna.becker@acme.test",
            "lang": "de_DE",
            "clicked_feat": "modules/calendar/mini",
            "src": "ox",
        },
        {"cid": "CID", "login": "anna.becker@acme.test", "lang": "de-DE", "feature_clicked": "modules/calendar"},
        {"CID": "CID", "UserID": "3", "LANG": "de_DE", "missing": "calendar", "mail": "_MAIL_", "upsell_plan": "$plan"},
    ],
    ids=range(4),
)
def test_every_way_in_which_app_suite_calls_is_understood(cast, visitor, claims, names):
    names = {name: str(cast.acme.context_id) if value == "CID" else value for name, value in names.items()}
    page = visitor.get(**names)
    assert "Noch nicht in Ihrem Profil: Kalender" in text_of(page)
    visitor.send(page)
    request = PurchaseRequest.objects.get()
    assert (request.missing, request.language, request.user_name) == (["calendar"], "de_DE", "Anna Becker")


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("en_GB", "More for your mailbox"),
        ("de_AT", "Mehr für Ihr Postfach"),
        ("fr_FR", "Plus pour votre messagerie"),
        ("es_ES", "Más para su correo"),
        ("it_IT", "Di più per la Sua posta"),
        ("nl_NL", "Meer voor uw mailbox"),
        ("ja_JP", "More for your mailbox"),
        ("<script>", "Meer voor uw mailbox"),
        ("", "Meer voor uw mailbox"),
    ],
)
def test_the_page_speaks_the_users_language_or_the_browsers(upsell, language, heading):
    page = Visitor(upsell, accept_language="nl-NL,en;q=0.5").get(lang=language)
    assert f"<h1>{heading}</h1>" in page.content.decode()


def test_only_the_brands_webmail_may_show_it_in_a_frame(visitor, claims):
    pages = [visitor.get(**claims), visitor.client.get(f"{visitor.url}sent/"), visitor.send(visitor.get(**claims))]
    for page in pages:
        policy = page.headers["Content-Security-Policy"].split("; ")
        assert f"frame-ancestors https://mail.sunrise.test:8443 {WEBMAIL}" in policy
        assert "X-Frame-Options" not in page.headers
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
    assert visitor.client.cookies == {}


def test_everything_else_stays_out_of_frames(cast, upsell):
    answers = [Visitor(upsell).client.get("/upsell/another/"), cast.client(cast.bob).get("/")]
    assert answers[0].status_code == 404
    for answer in answers:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_without_any_webmail_nobody_frames_it(cast, upsell):
    from oxherd.brands.commands import change_brand

    change_brand(actor=cast.system, brand=cast.brand, app_suite_url="")
    change_upsell(actor=cast.system, brand=cast.brand, webmail_hosts=[])
    page = Visitor(upsell).get()
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "close.html" not in page.content.decode()


def test_it_closes_by_app_suites_own_page_at_the_host_from_which_the_user_came(visitor, claims):
    def ways(host):
        page = visitor.client.get(f"{visitor.url}sent/", {"host": host}).content.decode()
        return re.findall(r'href="(https://[^"]*)"(?:\s+target="(\w+)")?', page)

    close = "/appsuite/apps/plugins/upsell/simple-wizard/close.html"
    here, there = WEBMAIL, "https://mail.sunrise.test:8443"
    assert ways("") == ways("evil.test") == [(here + close, ""), (f"{here}/appsuite/", "_top")]
    assert ways("mail.sunrise.test") == ways("mail.sunrise.test:8443")
    assert ways("mail.sunrise.test") == [(there + close, ""), (f"{there}/appsuite/", "_top")]
    sent = visitor.send(visitor.get(**claims, host="mail.sunrise.test"))
    assert sent.url.endswith("&host=mail.sunrise.test")


def test_the_look_is_the_brands(cast, visitor):
    change_logo(actor=cast.system, brand=cast.brand, picture=picture())
    page = visitor.get().content.decode()
    sheet = visitor.client.get(re.search(r'href="([^"]*look\.css[^"]*)"', page).group(1))
    assert (sheet.headers["Content-Type"], sheet.content.decode()) == (
        "text/css",
        ":root { --brand: #ffcc00; --brand-ink: #111111; }\n",
    )
    logo = visitor.client.get(re.search(r'<img src="([^"]*)"\s+alt="Sunrise"', page).group(1))
    assert (logo.headers["Content-Type"], logo.content[:4]) == ("image/png", b"\x89PNG")
    assert visitor.client.get(f"{visitor.url}logo/{'0' * 64}.png").status_code == 404
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?! src=)", page) == []


def test_an_answer_does_not_tell_whether_user_or_context_exist(cast, visitor, claims, caplog):
    caplog.set_level("INFO")
    other = cast.globex.context_id
    answers = []
    strangers = ({"uid": 99}, {"cid": 999_999}, {"cid": other}, {"uid": ""}, {"uid": "", "mail": "nobody@acme.test"})
    for changed in ({}, *strangers):
        said = claims | changed
        page = visitor.get(**said)
        sent = visitor.send(page)
        after = visitor.client.get(sent.url)
        shown = re.sub(r'name="form"\s+value="[^"]*"', "", page.content.decode())
        answers.append((page.status_code, shown, sent.status_code, sent.url, dict(sent.headers), after.content))
    ids = {answer[4].pop("X-Request-ID") for answer in answers}
    assert len(ids) == len(answers)
    assert all(answer == answers[0] for answer in answers)
    assert PurchaseRequest.objects.count() == 1
    assert caplog.text.count("dropped, as it names nobody") == len(strangers)


def test_what_is_no_upgrade_is_dropped_with_the_same_answer(cast, visitor, claims, anna):
    change_profile(actor=cast.system, users=[anna], profile=cast.groupware)
    before = everything()
    sent = visitor.send(visitor.get(**claims))
    assert (sent.status_code, everything()) == (303, before)


def test_the_key_of_another_brand_reaches_nobody_of_this_one(cast, claims):
    cache.clear()
    other = add_brand(actor=cast.system, name="Other", api_url="http://127.0.0.1:9", username="x", password="y")
    for rank, name in enumerate(("Small", "Large")):
        add_profile(actor=cast.system, brand=other, name=name, access_combination="all", rank=rank)
    visitor = Visitor(change_upsell(actor=cast.system, brand=other))
    page = visitor.get(**claims)
    assert [card[0] for card in cards(page)] == ["Large"]
    assert visitor.send(page).status_code == 303
    assert visitor.send(page, profile=cast.groupware.pk).status_code == 422
    assert not PurchaseRequest.objects.exists()


def test_a_closed_offer_is_not_there(cast, upsell, visitor, claims):
    page = visitor.get(**claims)
    change_upsell(actor=cast.system, brand=cast.brand, is_open=False)
    answers = [visitor.get(**claims), visitor.send(page), visitor.client.get(f"{visitor.url}sent/")]
    answers += [visitor.client.get(f"{visitor.url}look.css"), visitor.client.get(f"{visitor.url}logo/x.png")]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert not PurchaseRequest.objects.exists()
