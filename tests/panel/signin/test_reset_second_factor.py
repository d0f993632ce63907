from tests.cast import Cast
from tests.rows import last_entry
from tests.signin.factors import give_app

from oxherd.signin.queries import factors_of


def place(cast: Cast) -> str:
    return f"/t/{cast.acme.pk}/administrators/people/{cast.rita.pk}/"


def test_a_lost_second_factor_is_reset_on_the_page_of_the_administrator(cast: Cast) -> None:
    give_app(cast, cast.rita)
    bob, rita = cast.client(cast.bob), cast.client(cast.rita)
    url = f"{place(cast)}second-factor/"
    assert f'hx-get="{url}"' in bob.get(place(cast)).content.decode()
    assert "A mail to rita@panel.test tells that you did it." in bob.get(url).content.decode()
    assert bob.post(url).url == place(cast)
    assert factors_of(cast.rita).number == 0
    assert (last_entry().action, last_entry().actor) == ("sign_in:factors_reset", "Bob")
    assert rita.get("/account/").url.startswith("/sign-in/login/")
    assert f'hx-get="{url}"' not in bob.get(place(cast)).content.decode()
    assert bob.post(url).status_code == 422


def test_others_find_nothing_to_reset(cast: Cast) -> None:
    give_app(cast, cast.rita)
    for name in ("charlie", "dora", "rita"):
        answer = cast.client(getattr(cast, name)).post(f"{place(cast)}second-factor/")
        assert answer.status_code in {403, 404}, name
    give_app(cast, cast.bob)
    own = place(cast).replace(f"/people/{cast.rita.pk}/", f"/people/{cast.bob.pk}/")
    assert "second-factor" not in cast.client(cast.bob).get(own).content.decode()
    assert factors_of(cast.rita).number == 1
