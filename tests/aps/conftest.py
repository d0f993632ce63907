from tests.aps.clients import clients

__all__ = ["clients"]
