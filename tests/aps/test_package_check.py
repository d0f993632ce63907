"""`oxherd aps check`: a good package has nothing wrong; each thing that is broken is told by one sentence."""

import json
import zipfile

import pytest
from tests.aps import packages
from tests.aps.packages import META, advice, changed, errors, findings, packed, replaced, schema, with_file, without
from tests.aps.test_package import oxherd

from oxherd.aps.package import members

CORE = "http://aps-standard.org/types/core"
OURS = "http://oxherd.example/aps"


def test_the_package_that_is_built_has_nothing_wrong(tmp_path):
    oxherd("build", "--out", str(tmp_path))
    told = oxherd("check", str(tmp_path / "oxherd-1-1.app.zip"))
    assert (told.stdout, told.stderr, told.returncode) == ("oxherd-1-1.app.zip: nothing is wrong with it.\n", "", 0)


def test_errors_are_told_and_end_the_command_with_status_1(tmp_path):
    place = tmp_path / "bad.app.zip"
    place.write_bytes(packed(changed(without("LICENSE"), replaced("schemas/app.schema", '"2.0"', '"1.0"'))))
    told = oxherd("check", str(place))
    assert told.stdout.splitlines() == [
        "APP-META.xml: file names the file LICENSE, which is not in the package. Add it.",
        "schemas/app.schema: apsVersion is “1.0”. Write 2.0.",
        "bad.app.zip: 2 errors.",
    ]
    assert told.returncode == 1
    as_json = json.loads(oxherd("check", "--json", str(place)).stdout)
    sentence = "apsVersion is “1.0”. Write 2.0."
    assert as_json[1] == {"file": "schemas/app.schema", "sentence": sentence, "is_error": True}
    assert len(as_json) == 2


def test_a_file_that_is_not_there_is_named(tmp_path):
    told = oxherd("check", str(tmp_path / "none.app.zip"))
    assert told.returncode == 2
    assert "none.app.zip" in told.stderr


# ── the archive ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_no_archive_is_told(tmp_path):
    [found] = findings(tmp_path, b"<html>")
    assert str(found) == (
        "made.app.zip: This is no ZIP archive, or it is damaged (File is not a zip file). Build it anew."
    )


def test_an_archive_that_would_fill_the_disk_is_not_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "made.app.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("APP-LIST.xml", b"0" * (64 * 1024 * 1024 + 1))
    [found] = findings(tmp_path, (tmp_path / "made.app.zip").read_bytes())
    assert found.sentence == "The files have 67108865 bytes together, over 67108864. Leave out what no view needs."


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/passwd", "ui/../../x", "ui//x", "C:/x", "ui\\x"])
def test_paths_that_leave_the_package_are_refused(tmp_path, name):
    [found] = findings(tmp_path, packed({**changed(), name: b""}))
    assert str(found) == (f"{name}: The path leaves the package, or is no plain path. Use names with / below the root.")


def test_a_file_that_is_there_twice_is_told(tmp_path):
    place = tmp_path / "made.app.zip"
    place.write_bytes(packed(changed()))
    with zipfile.ZipFile(place, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("LICENSE", b"other terms")
    assert [str(one) for one in findings(tmp_path, place.read_bytes())] == [
        "LICENSE: The archive holds this file twice. Leave one of them out."
    ]


def test_a_damaged_file_is_told(tmp_path):
    content = bytearray(packed({name: b for name, b in changed().items() if name == "APP-LIST.xml"}))
    content[60] ^= 0xFF
    [found] = findings(tmp_path, bytes(content))
    assert found.sentence.startswith("This is no ZIP archive, or it is damaged (")


def test_a_link_to_another_file_is_refused(tmp_path):
    place = tmp_path / "made.app.zip"
    place.write_bytes(packed(changed()))
    with zipfile.ZipFile(place, "a") as archive:
        entry = zipfile.ZipInfo("ui/link")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    [found] = findings(tmp_path, place.read_bytes())
    assert str(found) == "ui/link: This is a link to another file. Put the file itself here."


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────


def with_list(old, new):
    files = changed()
    text = files["APP-LIST.xml"].decode()
    assert old in text
    return packed({**files, "APP-LIST.xml": text.replace(old, new, 1).encode()})


def test_list_and_files_have_to_agree(tmp_path):
    licence = changed()["LICENSE"]
    cases = {
        with_list(f'name="LICENSE" size="{len(licence)}"', 'name="LICENSE" size="1"'): (
            f"LICENSE: The file has {len(licence)} bytes, and 1 by APP-LIST.xml. List it anew."
        ),
        packed({**changed(), "LICENSE": licence.swapcase()}): (
            "LICENSE: The SHA-256 is another than in APP-LIST.xml (lower-case hex digits). List it anew."
        ),
        packed({**changed(), "ui/more.txt": b""}): (
            "ui/more.txt: The file is not in APP-LIST.xml. List it, or leave it out of the archive."
        ),
        with_list("<file ", '<file name="gone" size="0" sha256=""/><file '): (
            "APP-LIST.xml: It lists gone, which is not in the archive. Add the file, or take the entry out."
        ),
        with_list("<file ", '<file name="APP-LIST.xml" size="0" sha256=""/><file '): (
            "APP-LIST.xml: It lists itself. Take that entry out."
        ),
        with_list("apstandard.com/ns/1", "aps-standard.org/ns/2"): (
            "APP-LIST.xml: The root is {http://aps-standard.org/ns/2}files. It has to be files,"
            " of the namespace http://apstandard.com/ns/1."
        ),
    }
    assert [[str(one) for one in findings(tmp_path, content)] for content in cases] == [[one] for one in cases.values()]


def test_a_list_whose_own_elements_have_a_prefix_is_read_too(tmp_path):
    text = changed()["APP-LIST.xml"].decode()
    prefixed = text.replace("<file ", "<n:file ").replace("files>", "n:files>").replace("</n:files", "</n:files")
    prefixed = prefixed.replace("<files xmlns=", '<n:files xmlns="http://www.w3.org/2000/09/xmldsig#" xmlns:n=')
    assert findings(tmp_path, packed({**changed(), "APP-LIST.xml": prefixed.encode()})) == []


# ── the description ──────────────────────────────────────────────────────────────────────────────────────────────

SOCKET = "http://www.parallels.com/ccp/2"
DESCRIPTION = [
    (
        replaced(META, "aps-standard.org/ns/2", "apstandard.com/ns/1"),
        ("The root has to be application, version 2.0, of the namespace http://aps-standard.org/ns/2."),
    ),
    (
        replaced(META, "<id>http://oxherd.example/aps</id>", "<id>ours</id>"),
        ("The id is “ours”. Use an address that you own."),
    ),
    (
        replaced(META, "<name>oxherd</name>", "<name>a</name><name>b</name>"),
        "There are 2 elements name. Every package has one.",
    ),
    (
        replaced(META, "<release>1</release>", "<release>beta</release>"),
        ("The release is “beta”. Use numbers, joined by dots."),
    ),
    (
        replaced(META, "version=ge=1,", "version>=1,"),
        ("match of upgrade is “version>=1,release=ge=0”. Write it as version=ge=1,release=ge=0."),
    ),
    (
        replaced(META, 'path="images/icon.png"', 'path="images/none.png"'),
        ("icon names the file images/none.png, which is not in the package. Add it."),
    ),
    (
        replaced(META, "<languages>", "<languages><language>English</language>"),
        ("“English” is no code of a language. Use two or three small letters."),
    ),
    (
        replaced(META, 'src="ui/users.html"', 'src="ui/none.html"'),
        ("The view users is made from ui/none.html, which is not in the package. Add it."),
    ),
    (
        replaced(META, 'id="ox-users"', 'id="ox.users"'),
        (
            "The view ox.users has an id that its panel does not take. Use"
            " small letters, digits and -, and a letter first."
        ),
    ),
    (
        replaced(META, 'id="groups-tab"', 'id="1groups"'),
        (
            "The item 1groups has an id that its panel does not take. Use"
            " letters, digits, _, - and dots, and no digit first."
        ),
    ),
    (replaced(META, 'id="ox-groups"', 'id="ox-users"'), "There is more than one view ox-users. Give each its own id."),
    (
        replaced(META, f'plugs-to id="{SOCKET}"', 'plugs-to id="http://panel.example/x"'),
        ("The navigation customer-ux1 plugs into http://panel.example/x, which no panel offers. Correct plugs-to."),
    ),
    (
        replaced(META, f'<plugs-to id="{SOCKET}"/>', ""),
        ("The navigation customer-ux1 plugs into nothing, so nobody sees it. Add plugs-to."),
    ),
    (
        replaced(META, f'type-id="{OURS}/tenant/1.0"', f'type-id="{OURS}/tenant/2.0"'),
        (f"The var tenant has the type {OURS}/tenant/2.0, which is not in this package. Correct type-id."),
    ),
    (replaced(META, "<prev/>", "<back/>"), "There is no control back. Use next, prev, submit, finish, cancel."),
    (
        replaced(META, 'service id="brand"', 'service id="the brand"'),
        ("“the brand” is no id of a service. Use letters, digits, _ and -."),
    ),
    (
        replaced(META, 'service id="brand"', 'service id="profile"'),
        ("There is more than one service profile. Give each its own id."),
    ),
    (
        schema("app", lambda one: one.update(implements=[f"{CORE}/resource/1.0"])),
        ("One service has to implement application/1.0; here it is none. Correct implements."),
    ),
    (
        schema("brand", lambda one: one.update(implements=[f"{CORE}/application/1.0"])),
        ("One service has to implement application/1.0; here it is app, brand. Correct implements."),
    ),
    (
        replaced(META, "<?xml version='1.0' encoding='UTF-8'?>", '<!DOCTYPE application SYSTEM "file:///etc/passwd">'),
        "The file has a DOCTYPE, which may name files outside. Take it out.",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), DESCRIPTION)
def test_each_mistake_of_the_description_is_told(tmp_path, change, sentence):
    assert errors(tmp_path, change) == [f"{META}: {sentence}"]


def test_a_label_may_show_variables_only(tmp_path):
    shown = replaced(META, '<view id="me" label="Open-Xchange"', '<view id="me" label="Mail of {owner.name}"')
    assert errors(tmp_path, shown)[0] == (
        f"{META}: The label of The view me shows {{owner}}, which is no var. Declare it."
    )


def test_views_of_ux1_need_the_page_that_starts_them(tmp_path):
    found = errors(tmp_path, without("ui/bootstrapApp.html"))
    assert len(found) == 7
    assert found[0] == (
        f"{META}: The view ox-users is a script, for which ui/bootstrapApp.html is needed. Add that page."
    )


def test_xml_that_ends_in_between_is_told(tmp_path):
    [found] = errors(tmp_path, replaced(META, "</application>", ""))
    last = members(1)[META].count(b"\n") + 1
    assert found.startswith(f"{META}: This is no well-formed XML ({META}, line {last}: ")
    assert "<string>" not in found


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "iso-8859-1"])
def test_xml_in_another_encoding_than_utf_8_is_told(tmp_path, encoding):
    def saved(files):
        text = files[META].decode().replace("encoding='UTF-8'", f"encoding='{encoding.removesuffix('-le')}'")
        files[META] = text.replace("Purchase requests", "Anträge").encode(encoding)

    assert errors(tmp_path, saved) == [f"{META}: The file is not in UTF-8, which the standard wants. Save it so."]


def test_a_missing_file_is_told_before_what_follows_from_it(tmp_path):
    found = errors(tmp_path, without("schemas/user.schema"))
    assert len(found) > 5
    assert found[0] == (f"{META}: schema names the file schemas/user.schema, which is not in the package. Add it.")


# ── views and texts ──────────────────────────────────────────────────────────────────────────────────────────────


def test_what_pages_and_scripts_load_has_to_be_there(tmp_path):
    assert errors(tmp_path, replaced("ui/users.html", "js/pages.js", "js/none.js")) == [
        "ui/users.html: It loads js/none.js, which is not in the package. Add it, or correct the address."
    ]
    assert errors(tmp_path, replaced("ui/ox-users.js", "./js/view", "./js/none")) == [
        "ui/ox-users.js: It loads ./js/none.js, which is not in the package. Add it, or correct the address."
    ]


@pytest.mark.parametrize("content", ["", "<!-- nothing -->", "<p>&nothing;<?x y?>"])
def test_a_page_that_says_little_loads_nothing(tmp_path, content):
    assert errors(tmp_path, with_file("ui/more.html", content)) == []


def catalogue(change):
    def applied(files):
        found = json.loads(files["i18n/de_DE.json"])
        change(found)
        files["i18n/de_DE.json"] = json.dumps(found).encode()

    return applied


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda one: one.pop("Purchase requests"), "There is no translation of “Purchase requests”. Add it."),
        (lambda one: one.pop("Saving …"), "There is no translation of “Saving …”. Add it."),
        (lambda one: one.update(Users=" "), "The translation of “Users” is empty. Fill it in."),
        (
            lambda one: one.update({"Opening __PAGE__ …": "Wird geöffnet"}),
            "The translation of “Opening __PAGE__ …” has other __NAMES__ than the text. Use the same.",
        ),
        (
            lambda one: one.update(Users={"one": "x"}),
            "A catalogue is one flat object: text to translation. Make it so.",
        ),
    ],
)
def test_a_catalogue_that_is_not_complete_is_told(tmp_path, change, sentence):
    found = findings(tmp_path, packed(changed(catalogue(change))))
    assert [str(one) for one in found] == [f"i18n/de_DE.json: {sentence}"]


def test_a_text_of_a_view_without_translation_is_told_of_each_catalogue(tmp_path):
    said = replaced("ui/js/dialog.js", '_("Cancel")', '_("Never mind")')
    assert advice(tmp_path, said) == [
        f"i18n/{locale}.json: There is no translation of “Never mind”. Add it." for locale in ("de_DE", "en_US")
    ]


# ── advice ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_works_but_is_unusual_is_advice_and_no_error(tmp_path):
    files = changed()
    last = dict(reversed(files.items()))
    assert [str(one) for one in findings(tmp_path, packed(last), "made.zip")] == [
        "made.zip: The name of a package ends with .app.zip. Rename it.",
        f"{next(iter(last))}: Packages begin with APP-LIST.xml. Put that first in the archive.",
    ]
    assert advice(tmp_path, replaced(META, "<version>1</version>", "<version>1.2</version>")) == [
        f"{META}: The Connect command line tool takes whole numbers as version only. Use one."
    ]
    assert [one.is_error for one in findings(tmp_path, packed(last))] == [False]


def test_a_var_of_another_application_is_advice(tmp_path):
    other = replaced(META, f'type-id="{OURS}/app/1.0"', 'type-id="http://shop.example/basket/1.2"')
    assert errors(tmp_path, other) == []
    assert advice(tmp_path, other) == [
        f"{META}: The var app has the type http://shop.example/basket/1.2 of another application. See that it is there."
    ]
    whole = replaced(META, f'type-id="{OURS}/app/1.0"', 'type-id="http://parallels.com/aps/types/pa/account"')
    assert errors(tmp_path, whole) == advice(tmp_path, whole) == []


def test_types_that_were_made_from_php_are_read_below_their_comments(tmp_path):
    def renamed(files):
        files["schemas/group.schema.gen"] = b"// made\n// by a tool\n" + files.pop("schemas/group.schema")

    pointed = replaced(META, "schemas/group.schema", "schemas/group.schema.gen")
    assert errors(tmp_path, renamed, pointed) == []
    assert advice(tmp_path, renamed, pointed) == [
        "schemas/group.schema.gen: Comments stand above the JSON, which not every reader takes. Leave them out."
    ]


def test_changes_of_tests_have_to_fit(tmp_path):
    with pytest.raises(AssertionError):
        packages.changed(replaced(META, "what nobody has written", ""))
