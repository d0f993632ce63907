"""A name server on this machine: answers over UDP what a test has told it, and misbehaves on demand."""

import socket
import threading
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset


class LittleDns:
    """Names without an entry do not exist; of a name with one, other types are empty answers.

    broken: names for which it answers SERVFAIL. silent: names for which it says nothing; "*" stands for all.
    """

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.broken: set[str] = set()
        self.silent: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._socket.getsockname()
        return host, port

    def has(self, name: str, kind: str, *values: str) -> None:
        """Let a name have these values of a type: as in a zone file, texts in quotes."""
        self.zone[name.lower(), kind] = list(values)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendto(b"", self.address)  # wakes the thread
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            packet, sender = self._socket.recvfrom(4096)
            if not packet:
                return
            query = dns.message.from_wire(packet)
            question = query.question[0]
            name = question.name.to_text(omit_final_dot=True).lower()
            kind = dns.rdatatype.to_text(question.rdtype)
            self.asked.append((name, kind))
            if not self.silent & {name, "*"}:
                self._socket.sendto(self._answer(query, name, kind).to_wire(), sender)

    def _answer(self, query: dns.message.Message, name: str, kind: str) -> dns.message.Message:
        answer = dns.message.make_response(query, recursion_available=True)
        if self.broken & {name, "*"}:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif not any(known == name for known, _ in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        for type_ in (kind, "CNAME"):
            if values := self.zone.get((name, type_)):
                answer.answer.append(dns.rrset.from_text(query.question[0].name, 300, "IN", type_, *values))
                break
        return answer
