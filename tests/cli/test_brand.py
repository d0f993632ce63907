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


def test_an_operator_says_who_carries_the_mail(cast):
    assert run("Sunrise", command="mail") == (0, "carried here      no\n")
    status, told = run("Sunrise", "--carried", "--of-disabled", "hold", command="mail")
    assert (status, told) == (0, "carried here      yes\nof disabled users hold\n")
    kept = Brand.objects.get(pk=cast.brand.pk)
    assert (kept.carries_mail, kept.mail_of_disabled) == (True, "hold")


def test_leaving_customers_without_mail_is_asked_for(cast):
    run("Sunrise", "--carried", command="mail")
    status, told = run("Sunrise", "--not-carried", command="mail")
    assert (status, "Mail to 2 customers is refused here from then on" in told) == (1, True)
    assert Brand.objects.get(pk=cast.brand.pk).carries_mail
    assert run("Sunrise", "--not-carried", "--yes", command="mail") == (0, "carried here      no\n")
    Brand.objects.update(platform="ox_cloud")
    status, told = run("Sunrise", "--carried", command="mail")
    assert (status, told.startswith("Error: OX Cloud keeps the mail of its customers itself.")) == (1, True)
