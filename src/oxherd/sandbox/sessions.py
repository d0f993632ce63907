"""Sessions of App Suite users, and the login tokens that are had for them. Kept in memory, as the real ones are."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

IDLE_SECONDS = 300.0  # com.openexchange.tokenlogin.maxIdleTime
MOST = 10_000


@dataclass(frozen=True)
class Session:
    """`secret` is the value of the cookie without which the HTTP API does not believe the id."""

    context_id: int
    user_id: int
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    secret: str = field(default_factory=lambda: secrets.token_hex(16))


class Sessions:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._tokens: OrderedDict[str, tuple[str, float]] = OrderedDict()  # token -> session id, since when

    def open(self, context_id: int, user_id: int) -> Session:
        """As if the user had signed in."""
        session = Session(context_id, user_id)
        with self._lock:
            self._sessions[session.id] = session
            while len(self._sessions) > MOST:
                self._sessions.popitem(last=False)
        return session

    def find(self, session_id: str) -> Session | None:
        return self._sessions.get(session_id)

    def end(self, session_id: str) -> None:
        with self._lock:
            self._sessions.pop(session_id, None)

    def end_all(self, context_id: int, user_id: int | None) -> int:
        """Those of a user, or of everybody in the context; how many they were."""
        with self._lock:
            ended = [
                each.id
                for each in self._sessions.values()
                if each.context_id == context_id and user_id in (None, each.user_id)
            ]
            for session_id in ended:
                del self._sessions[session_id]
        return len(ended)

    def acquire_token(self, session: Session) -> str:
        """The one token of a session; asked again, it is the same one, and good for another five minutes."""
        with self._lock:
            present = next((token for token, (owner, _) in self._tokens.items() if owner == session.id), None)
            token = present or f"{secrets.token_hex(16)}-{secrets.token_hex(16)}"
            self._tokens.pop(token, None)
            self._tokens[token] = (session.id, self._clock())
            while len(self._tokens) > MOST:
                self._tokens.popitem(last=False)
        return token

    def redeem_token(self, token: str) -> Session | None:
        """The session whose token this is, once; None for no token of ours, and for one whose time is over."""
        with self._lock:
            owner, since = self._tokens.pop(token, ("", 0.0))
            in_time = self._clock() - since <= IDLE_SECONDS
            return self._sessions.get(owner) if in_time else None
