"""What the stand-in answers when it does not do as asked.

Fault                          a SOAP fault
├── ClientFault                the message itself is wrong: `soap:Client`, no detail
└── ServiceFault               a Java exception of the platform: `soap:Server`, detail named after `kind`
    ├── InvalidCredentials, InvalidData, Storage
    │   └── CloudRefusal (an InvalidData): what OX Cloud adds to the rules of the core
    ├── NoSuchContext, NoSuchDatabase, NoSuchFilestore
    ├── NoSuchObject: NoSuchUser, NoSuchGroup, NoSuchResource
    ├── ContextExists, ContextTrouble
    └── ResellerTrouble, UserExists, TaskTrouble

Texts are the literal ones of the platform. Since 7.10.4 each ends in `; exceptionId N-M`, N a signed number that tells
the server, M a counter; an exception inside another brings its own.
"""

import itertools
import random
from typing import ClassVar, Self

from oxherd.sandbox.cloud_codes import CODES

RMI = "com.openexchange.admin.rmi.exceptions"
_SERVER_NUMBER = random.SystemRandom().randint(-(2**31), 2**31 - 1)
_counter = itertools.count(1)


def numbered(text: str) -> str:
    return f"{text}; exceptionId {_SERVER_NUMBER}-{next(_counter)}"


class Fault(Exception):
    """`text` is what goes into `faultstring`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class ClientFault(Fault):
    """The request breaks the rules of SOAP or of the schema; nothing was done."""

    def __init__(self, text: str, code: str = "Client") -> None:
        super().__init__(text)
        self.code = code


class ServiceFault(Fault):
    kind: ClassVar[str]

    def __init__(self, text: str) -> None:
        super().__init__(numbered(text))

    @classmethod
    def saying(cls, text: str) -> Self:
        """With a text that has its number already."""
        fault = cls(text)
        fault.text = text
        return fault


class InvalidCredentials(ServiceFault):
    kind = "InvalidCredentialsException"


class InvalidData(ServiceFault):
    kind = "InvalidDataException"


class CloudRefusal(InvalidData):
    """One of the errors that OX Cloud names by a code. What SOAP says of them is not published: here the same title."""

    def __init__(self, code: int, *values: object) -> None:
        self.code = code
        self.status, title = CODES[code]
        self.title = title.format(*values)
        super().__init__(self.title)


class Storage(ServiceFault):
    kind = "StorageException"

    @classmethod
    def around(cls, text: str, inner: str = f"{RMI}.StorageException") -> "Storage":
        """What a bundle beside the core refuses: its exception inside another, each with its number."""
        return cls(f"{inner}: {numbered(text)}")


class NoSuchContext(ServiceFault):
    kind = "NoSuchContextException"

    @classmethod
    def named(cls, name: str) -> "NoSuchContext":
        return cls(f"{RMI}.NoSuchObjectException: {numbered(f'No such context {name}')}")


class NoSuchObject(ServiceFault):
    word: ClassVar[str]

    @classmethod
    def named(cls, name: str, context_id: int) -> Self:
        """The text of every call but `getData`: two exceptions around the sentence, each with its number."""
        inner = numbered(f"No such {cls.word} {name} in context {context_id}")
        return cls(f"{RMI}.NoSuchObjectException: {numbered(f'{RMI}.{cls.kind}: {inner}')}")


class NoSuchUser(NoSuchObject):
    kind = "NoSuchUserException"
    word = "user"


class NoSuchGroup(NoSuchObject):
    kind = "NoSuchGroupException"
    word = "group"


class NoSuchResource(NoSuchObject):
    kind = "NoSuchResourceException"
    word = "resource"


class NoSuchDatabase(ServiceFault):
    kind = "NoSuchDatabaseException"


class NoSuchFilestore(ServiceFault):
    kind = "NoSuchFilestoreException"


class ContextExists(ServiceFault):
    kind = "ContextExistsException"


class ContextTrouble(ServiceFault):
    kind = "OXContextException"


class ResellerTrouble(ServiceFault):
    kind = "OXResellerException"


class UserExists(ServiceFault):
    kind = "UserExistsException"


class TaskTrouble(ServiceFault):
    kind = "TaskManagerException"


def named(name: str, text: str) -> ServiceFault:
    """A fault by the name of its exception, or by a code of OX Cloud, whose title the text completes.

    Raises ValueError for any other name.
    """
    if name.isdecimal() and int(name) in CODES:
        return CloudRefusal(int(name), *[text] * CODES[int(name)][1].count("{}"))
    if not name.endswith("Exception") or not name.isalpha():
        raise ValueError("fault is the name of an exception, like NoSuchUserException, or a code of the Cloud API.")
    kind: type[ServiceFault] = type(name, (ServiceFault,), {"kind": name})
    return kind(text)


def missing_argument() -> InvalidData:
    return InvalidData("Invalid data sent!")
