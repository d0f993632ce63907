from oxherd.errors import OxherdError


class SignInFailed(OxherdError):
    """A sign-in elsewhere did not come to an end. `detail` is for the log: never a token, a code or a secret."""

    code = "sign_in_failed"

    def __init__(self, sentence: str, *, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


class NoAnswer(SignInFailed):
    """The service is not there, or what it answers cannot be used."""

    code = "identity_provider_unreachable"


class NotBelieved(SignInFailed):
    """What came is not what the service would say to us: forged, too old, for somebody else, or said before."""

    code = "sign_in_not_believed"
