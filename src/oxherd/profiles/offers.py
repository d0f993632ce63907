"""What a brand's platform offers for profiles, as far as it is known."""

from dataclasses import dataclass

from oxherd.brands.models import Brand
from oxherd.brands.queries import last_answer
from oxherd.brands.states import PlatformKind
from oxherd.profiles.modules import COMBINATIONS, modules_of

OLD = frozenset({"webmail_plus", "pim_plus", "groupware_plus", "premium"})  # deprecated by Open-Xchange
FOUND = "Found on the platform"


@dataclass(frozen=True, slots=True)
class Offer:
    """An access combination. holds: its main modules in words, empty for one of the installation's own."""

    name: str
    holds: str
    is_found: bool = False

    @property
    def detail(self) -> str:
        parts = (self.holds or "A name of the platform's own", FOUND if self.is_found else "")
        return " · ".join(part for part in parts if part)


def offers(brand: Brand) -> list[Offer]:
    """Those that were found when the platform was asked last, before those that Open-Xchange delivers."""
    answer = last_answer(brand)
    found = list(answer.combinations) if answer else []
    return [offer(name, is_found=name in found) for name in dict.fromkeys([*found, *stock(brand.platform)])]


def offer(name: str, *, is_found: bool = False) -> Offer:
    main = ", ".join(module.name for module in modules_of(name) if module.main)
    return Offer(name, main, is_found)


def stock(kind: str) -> list[str]:
    """What Open-Xchange delivers for a kind of platform, the smallest first."""
    of_cloud = kind == PlatformKind.OX_CLOUD
    names = [name for name in COMBINATIONS if name.startswith("cloud_") == of_cloud and name not in OLD]
    return sorted(names, key=lambda name: len(COMBINATIONS[name]))


def classes_of_service(kind: str) -> list[str]:
    """Of OX Cloud, as its documentation has them; elsewhere there are none."""
    return [*stock(kind), "guard"] if kind == PlatformKind.OX_CLOUD else []
