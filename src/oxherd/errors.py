"""Every error that oxherd raises on purpose.

OxherdError                    code, sentence
├── Refused                    the caller asked for what cannot be; `field` names the field to mend, if one is to blame
├── NotYours                   answered as "not found": we do not confirm that it exists
├── NotAllowed                 the object is visible, but the role does not allow the act
└── PlatformError              plus detail, for the log only
    ├── PlatformUnreachable    timeouts, resets, 5xx, storage trouble: the worker tries again
    ├── PlatformRefused        the platform said no: somebody changes something
    ├── PlatformNotFound       the platform knows no such object
    ├── PlatformTaken          the platform already has an object of this name or id
    └── PlatformMisconfigured  wrong credentials or URL: the operator sets something right
"""

from typing import ClassVar


class OxherdError(Exception):
    """`sentence` is for a person: what failed and what to do. `code` is for programs."""

    code: ClassVar[str] = "error"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(OxherdError):
    code = "refused"

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class NotYours(OxherdError):
    code = "not_found"


class NotAllowed(OxherdError):
    code = "not_allowed"


class PlatformError(OxherdError):
    code = "platform"

    def __init__(self, sentence: str, *, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


class PlatformUnreachable(PlatformError):
    code = "platform_unreachable"


class PlatformRefused(PlatformError):
    code = "platform_refused"


class PlatformNotFound(PlatformRefused):
    code = "platform_not_found"


class PlatformTaken(PlatformRefused):
    code = "platform_taken"


class PlatformMisconfigured(PlatformError):
    code = "platform_misconfigured"
