"""`--seed`: what a file says is there when the stand-in listens, and once more changes nothing."""

from textwrap import dedent

import pytest
from click.testing import CliRunner
from tests.sandbox.rest import Rest
from tests.sandbox.soap import ADMIN, NORTH, calling

from oxherd.sandbox.command import sandbox as command
from oxherd.sandbox.platform import Platform
from oxherd.sandbox.seed import plant
from oxherd.sandbox.seed_file import SeedError
from oxherd.sandbox.testing import running_sandbox

SEED = """\
brands:
  - name: north
    password: north-secret
    display_name: North
    limits: {Subadmin.MaxContext: 10, Subadmin.CanCreateSubadmin: "true"}
    shared_domains: [shared.test]
  - name: shop
    password: shop-secret
    below: north
contexts:
  - name: acme
    brand: north
    quota: 1000
    max_users: 5
    login_mappings: [acme.test]
    admin: {name: oxadmin, password: admin-secret}
    users:
      - name: anna@acme.test
        password: anna-secret
        given_name: Anna
        sur_name: Beispiel
        aliases: [info@acme.test]
        class_of_service: [cloud_productivity]
        combination: cloud_productivity
        quota: 2048
        mail_quota: 2048
        mail_kib: 1024
        spam_level: low
      - {name: bert, address: bert@acme.test, password: x, given_name: Bert, sur_name: Beispiel}
    groups:
      - {name: team, members: [bert, anna@acme.test]}
    resources:
      - {name: blue, address: blue@acme.test, description: Second floor}
    catchalls: {acme.test: bert}
    forwards: {sales@acme.test: [bert@acme.test, else@where.test]}
  - name: plain
    id: 10
    admin: {name: oxadmin, password: admin-secret, address: boss@plain.test}
    users:
      - {name: carl, address: carl@plain.test, password: x, given_name: Carl, sur_name: B}
"""


@pytest.fixture
def seed(tmp_path):
    """Plants a text; the platform is left for a look."""
    platform = Platform(tmp_path / "sandbox.sqlite3")

    def planted(text):
        file = tmp_path / "seed.yaml"
        file.write_text(text)
        plant(platform, file)
        return platform

    yield planted
    platform.store.close()


def content(platform):
    with platform.store.reading() as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: [tuple(row) for row in db.execute(f"SELECT * FROM {name}")] for name in names}


def test_a_client_finds_all_that_the_file_says(tmp_path):
    (tmp_path / "seed.yaml").write_text(SEED)
    with running_sandbox(tmp_path, seed=str(tmp_path / "seed.yaml")) as running, calling(running.url) as caller:
        rest = Rest(running.url)
        assert rest.get("/contexts") == [{"name": "north_acme", "maxQuota": 1000, "usedQuota": 0, "maxUser": 5}]
        anna = rest.get("/users/anna@acme.test", name="north_acme")
        assert (anna["unifiedQuota"], anna["usedQuota"], anna["spamLevel"]) == (2048, 1, "low")
        assert (anna["aliases"], anna["classOfService"]) == (
            ["info@acme.test", "anna@acme.test"],
            ["cloud_productivity"],
        )
        assert rest.get("/mail/catchall", name="acme") == [{"domain": "acme.test", "login": "bert"}]
        assert rest.get("/mail/forwards", name="acme")[0]["forwardTo"] == ["bert@acme.test", "else@where.test"]
        assert rest.get("/mail/shareddomains") == ["shared.test"]
        groups = caller.brand_groups.listAll(ctx={"id": 1}, auth=NORTH)
        assert [(group.name, group.members) for group in groups] == [("users", [2, 3, 4]), ("team", [3, 4])]
        assert caller.brand_resources.listAll(ctx={"id": 1}, auth=NORTH)[0].description == "Second floor"
        assert [user.id for user in caller.users.listAll(ctx={"id": 10}, auth=ADMIN)] == [2, 3]
        assert Rest(running.url, "shop").get("/contexts") == []


def test_once_more_changes_nothing(seed):
    before = content(seed(SEED))
    assert content(seed(SEED)) == before


def test_what_is_new_in_the_file_is_added_and_the_rest_stays(seed):
    platform = seed(SEED)
    more = SEED.replace("quota: 1000", "quota: 2000").replace("catchalls: {", "catchalls: {more.test: bert, ")
    more += "      - {name: dora, address: dora@plain.test, password: x, given_name: Dora, sur_name: B}\n"
    seed(more)
    with platform.store.reading() as db:
        assert db.execute("SELECT max_quota FROM context WHERE id = 1").fetchone()[0] == 1000
        assert [row[0] for row in db.execute("SELECT domain FROM catchall ORDER BY domain")] == [
            "acme.test",
            "more.test",
        ]
        assert db.execute("SELECT count(*) FROM user WHERE context_id = 10").fetchone()[0] == 3


REFUSED = {
    "unknown word": ("    quota: 1000", "    qouta: 1000", 13, "a context has no qouta; it may have"),
    "missing": ("    password: shop-secret", "    password:", 7, "a brand needs password."),
    "no number": ("max_users: 5", "max_users: five", 14, "max_users is a number."),
    "no text": ("below: north", "below: [north]", 9, "below is a text."),
    "no list": ("aliases: [info@acme.test]", "aliases: info@acme.test", 22, "aliases is a list of texts."),
    "twice": ("    below: north", "    below: north\n    below: north", 10, "a brand has below twice."),
    "no object": ("  - name: shop", "  - shop\n  - name: shop", 7, "a brand is made of lines like name: value."),
    "unknown brand": ("brand: north", "brand: nord", 12, "there is no brand nord, here or before this line."),
    "unknown member": ("[bert, anna@acme.test]", "[dora]", 31, "there is no user dora in this context."),
    "unknown catch-all": ("{acme.test: bert}", "{acme.test: dora}", 34, "there is no user dora in this context."),
    "rule of users": ("address: bert@acme.test", "address: bert", 29, "Invalid email address: bert"),
    "rule of limits": (
        "Subadmin.MaxContext: 10",
        "Context.MaxUser: 10",
        2,
        "Restriction Context.MaxUser cannot be applied to subadmin",
    ),
    "rule of forwards": ("sales@acme.test:", "info@acme.test:", 11, "Alias already exists"),
    "no admin": (
        "    admin: {name: oxadmin, password: admin-secret}\n    users",
        "    users",
        11,
        "a context needs admin",
    ),
    "id of a brand's": (
        "    brand: north",
        "    brand: north\n    id: 5",
        13,
        "a brand's context gets its id from the server.",
    ),
    "no YAML": ("  - name: north", "  - name: [north", 3, "this is not YAML:"),
}


@pytest.mark.parametrize(("right", "wrong", "line", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_wrong_is_refused_with_the_line_to_mend(seed, right, wrong, line, sentence):
    assert SEED.count(right) == 1
    with pytest.raises(SeedError) as caught:
        seed(SEED.replace(right, wrong))
    assert (caught.value.line, caught.value.sentence[: len(sentence)]) == (line, sentence)


def test_a_refused_file_leaves_nothing_behind(seed):
    platform = seed("")
    before = content(platform)
    with pytest.raises(SeedError):
        seed(SEED + "  - {name: more, brand: nobody}\n")
    assert content(platform) == before


def test_the_command_names_file_and_line_and_does_not_start(tmp_path):
    file = tmp_path / "seed.yaml"
    file.write_text("brands:\n  - name: north\n")
    asked = ["--seed", str(file), "--data", str(tmp_path / "sandbox.sqlite3"), "--port", "0"]
    result = CliRunner().invoke(command, asked)
    assert (result.exit_code, result.output) == (1, f"Error: {file}, line 2: a brand needs password.\n")


def test_help_tells_how_to_seed_and_who_signs_in_how(tmp_path):
    told = CliRunner().invoke(command, ["--help"]).output
    lines = told.splitlines()
    first = next(number for number, line in enumerate(lines) if line.strip() == "brands:")
    last = next(number for number, line in enumerate(lines) if line.strip().startswith("brands also have"))
    for word in ("master:", "brand:", "context admin:", "BRAND_NAME"):
        assert word in told
    platform = Platform(tmp_path / "sandbox.sqlite3")
    (tmp_path / "seed.yaml").write_text(dedent("\n".join(lines[first:last])))
    plant(platform, tmp_path / "seed.yaml")
    assert len(content(platform)["user"]) == 2
    platform.store.close()
