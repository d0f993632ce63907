"""A client for the REST interfaces of OX Cloud."""

import uuid
from typing import Any

import requests

CLOUD, PLUGINS = "/cloudapi/v2", "/oxaas/v1/admin"


class Rest:
    """`rest.get("/users", name="north_acme")` gives what came back; `refused` how it was told otherwise."""

    def __init__(self, url: str, login: str = "north", prefix: str = CLOUD) -> None:
        self.address = url + prefix
        self.auth = (login, f"{login}-secret")

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return requests.request(method, self.address + path, json=body, params=query, auth=self.auth, timeout=20)

    def get(self, path: str, **query: Any) -> Any:
        return self._done("GET", path, None, query).json()

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        answer = self._done("POST", path, body, query)
        return answer.json() if answer.content else None

    def put(self, path: str, body: Any = None, **query: Any) -> None:
        assert self._done("PUT", path, body, query).content == b""

    def delete(self, path: str, **query: Any) -> Any:
        answer = self._done("DELETE", path, None, query)
        return answer.json() if answer.content else None

    def head(self, path: str, **query: Any) -> int:
        return self.ask("HEAD", path, **query).status_code

    def _done(self, method: str, path: str, body: Any, query: dict[str, Any]) -> requests.Response:
        answer = self.ask(method, path, body, **query)
        assert answer.status_code == 200, answer.text
        return answer

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str, str]:
        """Status, code and title of the one error, in the form that the Cloud API has."""
        answer = self.ask(method, path, body, **query)
        (error,) = answer.json()["errors"]
        assert (answer.headers["Content-Type"], error["status"]) == ("application/json", str(answer.status_code))
        assert uuid.UUID(error["id"])
        return answer.status_code, error["code"], error["title"]


def newcomer(name: str, /, **changes: Any) -> dict[str, Any]:
    """A CreateUser; a change to None takes a field away."""
    fields = {
        "name": name,
        "password": f"{name}-secret",
        "givenName": name.title(),
        "surName": "Beispiel",
        "mail": f"{name}@acme.test",
    }
    return {key: value for key, value in {**fields, **changes}.items() if value is not None}
