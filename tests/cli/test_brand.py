from click.testing import CliRunner

from oxherd.brands.models import Brand
from oxherd.cli.brand import brand


def run(*arguments: str, command: str = "dns") -> tuple[int, str]:
    outcome = CliRunner().invoke(brand, [command, *arguments])
    return outcome.exit_code, outcome.output


def test_an_operator_sets_shows_and_takes_back_records(cast):
    hosts = ("--mail-host", "10 mx1.sunrise.test", "--mail-host", "mx2.sunrise.test")
    status, said = run("sunrise", *hosts, "--dmarc", "v=DMARC1; p=none")
    assert status == 0
    assert said.splitlines() == [
        "MX             10 mx1.sunrise.test, 10 mx2.sunrise.test",
        "SPF include    (not set)",
        "DKIM selector  (not set)",
        "DKIM target    (not set)",
        "DMARC          v=DMARC1; p=none",
        "Autodiscover   (not set)",
        "Autoconfig     (not set)",
    ]
    assert run("Sunrise") == (0, said)
    run("Sunrise", "--mail-host", "", "--dmarc", "")
    kept = Brand.objects.get(pk=cast.brand.pk)
    assert (kept.mail_hosts, kept.dmarc) == ([], "")


def test_a_wrong_record_is_told_and_nothing_is_changed(cast):
    status, said = run("Sunrise", "--dmarc", "p=none", "--spf-include", "spf.sunrise.test")
    assert (status, said) == (1, "Error: DMARC: Give the whole record, such as v=DMARC1; p=quarantine.\n")
    assert Brand.objects.get(pk=cast.brand.pk).spf_include == ""


def test_an_unknown_brand_is_told_with_those_there_are(cast):
    assert run("Moonshine") == (1, "Error: There is no brand named Moonshine. Brands: Sunrise.\n")


def test_an_operator_says_how_the_platform_is_set_up(cast):
    status, said = run("Sunrise", "--username-changeable", command="platform")
    assert (status, said) == (0, "username changeable   yes\nunique display names  yes\n")
    assert run("Sunrise", command="platform") == (0, said)
    run("Sunrise", "--no-username-changeable", "--no-unique-display-names", command="platform")
    kept = Brand.objects.get(pk=cast.brand.pk)
    assert (kept.username_changeable, kept.unique_display_names) == (False, False)
