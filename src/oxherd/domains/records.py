"""What the DNS of a domain should hold: expected by the brand, and compared with what was found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.db.models import TextChoices

from oxherd.brands.models import Brand
from oxherd.domains.models import Domain
from oxherd.domains.states import Proof

OWNERSHIP, MX, SPF, DKIM, DMARC = "ownership", "mx", "spf", "dkim", "dmarc"
AUTODISCOVER, AUTOCONFIG = "autodiscover", "autoconfig"
# A key of ours that signs mail of the domain. Each has a kind of its own: this word, a colon and the key's selector.
KEY = "key"
LABELS = {
    OWNERSHIP: "Ownership",
    MX: "MX",
    SPF: "SPF",
    DKIM: "DKIM",
    KEY: "DKIM",
    DMARC: "DMARC",
    AUTODISCOVER: "Autodiscover",
    AUTOCONFIG: "Autoconfig",
}
PURPOSES = {
    OWNERSHIP: "Proves that the domain is yours",
    MX: "Where mail to the domain goes",
    SPF: "Who may send mail of the domain",
    DKIM: "Signs mail, so that others can check it",
    DMARC: "What others do with mail that fails both",
    AUTODISCOVER: "Sets up Outlook and telephones",
    AUTOCONFIG: "Sets up Thunderbird and others",
}
# How strict a DMARC policy is.
POLICIES = ("none", "quarantine", "reject")


class RecordState(TextChoices):
    OK = "ok", "As expected"
    OTHER = "other", "Something else"
    MISSING = "missing", "Missing"
    UNKNOWN = "unknown", "Not known"  # not looked at yet, or the DNS did not answer
    NOT_NEEDED = "not_needed", "Not needed"  # no proof is asked of who was approved otherwise
    NOT_OFFERED = "not_offered", "Not configured by your provider"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its whole name (A-labels, no final dot), type, and values as the DNS shows them, texts unquoted.

    told: what it is for, where its kind alone does not say so.
    """

    kind: str
    name: str
    type: str
    expected: tuple[str, ...]
    found: tuple[str, ...] = ()
    problem: str = ""
    state: RecordState = RecordState.UNKNOWN
    told: str = ""

    @property
    def family(self) -> str:
        """Its kind, which the records of all keys share."""
        return self.kind.partition(":")[0]

    @property
    def label(self) -> str:
        return " ".join(filter(None, (LABELS[self.family], self.kind.partition(":")[2])))

    @property
    def purpose(self) -> str:
        return self.told or PURPOSES[self.kind]


def expected(domain: Domain, keys: Sequence[Record] = ()) -> list[Record]:
    """What the domain's DNS should hold, in the order in which it is shown; no values where the brand has none.

    keys: the records of the keys with which we sign mail of the domain. Where we carry it, they take the place of the
    brand's own DKIM record: nobody signs by that.
    """
    brand, name = domain.tenant.brand, domain.name
    selector = f"{brand.dkim_selector}._domainkey.{name}" if brand.dkim_selector else ""
    is_text = brand.dkim_target.lower().startswith("v=dkim1")
    dkim = Record(DKIM, selector, "TXT" if is_text else "CNAME", _one(brand.dkim_target))
    return [
        Record(OWNERSHIP, domain.proof_name, "TXT", (domain.proof_value,)),
        Record(MX, name, "MX", tuple(brand.mail_hosts)),
        Record(SPF, name, "TXT", _one(f"v=spf1 {_include(brand)} ~all" if brand.spf_include else "")),
        *([] if brand.carries_mail else [dkim]),
        *keys,
        Record(DMARC, f"_dmarc.{name}", "TXT", _one(brand.dmarc)),
        Record(AUTODISCOVER, f"autodiscover.{name}", "CNAME", _one(brand.autodiscover_host)),
        Record(AUTOCONFIG, f"autoconfig.{name}", "CNAME", _one(brand.autoconfig_host)),
    ]


def compared(domain: Domain, keys: Sequence[Record] = ()) -> list[Record]:
    """What should be there beside what was found there last. The brand's settings count as they are now."""
    return [compare(record, domain) for record in expected(domain, keys)]


def proof_is_gone(domain: Domain) -> bool:
    """Whether the record that once proved the ownership of a verified domain was looked for and is not there."""
    if domain.proof != Proof.TXT:
        return False
    return compare(expected(domain)[0], domain).state in {RecordState.MISSING, RecordState.OTHER}


def compare(record: Record, domain: Domain) -> Record:
    """One record beside what was found under its name last."""
    seen = domain.found.get(record.kind, {})
    found, problem = tuple(seen.get("values", ())), seen.get("problem", "")
    state = _state(record, found)
    if not record.expected:
        state = RecordState.NOT_OFFERED
    elif not seen or problem or seen.get("name") != record.name:
        # What was found under another name, before the brand changed its selector, says nothing.
        state, found = RecordState.UNKNOWN, ()
    elif record.kind == OWNERSHIP and _is_proved_otherwise(domain) and state != RecordState.OK:
        state = RecordState.NOT_NEEDED
    return replace(record, found=found, problem=problem, state=state)


def _is_proved_otherwise(domain: Domain) -> bool:
    return domain.is_verified and domain.proof != Proof.TXT


def _state(record: Record, found: Sequence[str]) -> RecordState:
    if not found:
        return RecordState.MISSING
    fits = FITS.get(record.family, _is_among)
    return RecordState.OK if fits(record.expected, found) else RecordState.OTHER


def _is_among(wanted: Sequence[str], found: Sequence[str]) -> bool:
    squeezed = {"".join(value.split()) for value in found}
    return all("".join(value.split()) in squeezed for value in wanted)


def _same_hosts(wanted: Sequence[str], found: Sequence[str]) -> bool:
    """The same hosts; how they are ordered is the customer's business."""
    return {value.split()[-1] for value in wanted} == {value.split()[-1] for value in found}


def _includes(wanted: Sequence[str], found: Sequence[str]) -> bool:
    """One policy alone, and it includes the provider's; what else it lets send is the customer's business."""
    return len(found) == 1 and wanted[0].split()[1] in found[0].lower().split()


def _as_strict(wanted: Sequence[str], found: Sequence[str]) -> bool:
    """One policy alone, and at least as strict."""
    return len(found) == 1 and _policy(found[0]) >= _policy(wanted[0])


def _policy(text: str) -> int:
    policy = _tags(text).get("p", "").lower()
    return POLICIES.index(policy) if policy in POLICIES else -1


def _publishes(wanted: Sequence[str], found: Sequence[str]) -> bool:
    """One record alone, with the same key, for mail and for such signatures as ours (RFC 6376, 3.6.1 and 3.6.2.2)."""
    theirs = _tags(found[0])
    return (
        len(found) == 1
        and theirs.get("p") == _tags(wanted[0])["p"]
        and theirs.get("v", "DKIM1") == "DKIM1"
        and theirs.get("k", "rsa") == "rsa"
        and "sha256" in theirs.get("h", "sha256").split(":")
        and bool({"*", "email"} & set(theirs.get("s", "*").split(":")))
    )


def _tags(text: str) -> dict[str, str]:
    """The tags of a DKIM or DMARC record; the spaces that some forms put into long values are left out."""
    pairs = (tag.partition("=") for tag in text.split(";"))
    return {key.strip().lower(): "".join(value.split()) for key, _, value in pairs}


FITS: dict[str, Callable[[Sequence[str], Sequence[str]], bool]] = {
    MX: _same_hosts,
    SPF: _includes,
    KEY: _publishes,
    DMARC: _as_strict,
}


def _include(brand: Brand) -> str:
    return f"include:{brand.spf_include}"


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()
