"""Data of the first release comes through all migrations, as `oxherd migrate` does them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

# As of migration 0001: a customer with a domain, a subdomain, and a user with OX and two addresses.
FIRST_RELEASE = """
INSERT INTO oxherd_brand (id, name, platform, api_url, username, sealed_password, service_url, app_suite_url,
                          unique_display_names, next_context_id, created_at)
VALUES (1, 'Sunrise', 'app_suite', 'http://127.0.0.1:9', 'oxadminmaster', '', '', '', true, 1001, now());
INSERT INTO oxherd_profile (id, brand_id, name, access_combination, rank, price_label)
VALUES (1, 1, 'Mail', 'webmail', 1, '');
INSERT INTO oxherd_tenant (id, brand_id, name, state, created_at, marker, context_id, context_name, context_admin,
                           sealed_context_password, is_provisioned, applied)
VALUES (1, 1, 'Acme', 'active', now(), gen_random_uuid(), 1000, 'acme-1000', 'oxadmin', '', true, '{}');
INSERT INTO oxherd_seats (tenant_id, profile_id, number, used) VALUES (1, 1, 5, 1);
INSERT INTO oxherd_domain (id, tenant_id, name, created_at)
VALUES (1, 1, 'acme.test', now()), (2, 1, 'mail.acme.test', now());
INSERT INTO oxherd_serviceuser (id, tenant_id, display_name, given_name, surname, login, domain_id, language, time_zone,
                                password_hash, presence, status, created_at, changed_at, sort_name, search_text)
VALUES (1, 1, 'Anna Becker', 'Anna', 'Becker', 'anna@acme.test', 1, 'de_DE', 'Europe/Berlin', '', 'present', 'enabled',
        now(), now(), 'anna becker', 'tenant1 anna becker');
INSERT INTO oxherd_oxaccount (id, user_id, tenant_id, profile_id, primary_address, presence, sealed_password, marker,
                              ox_id, applied, enabled_at)
VALUES (1, 1, 1, 1, 'anna@acme.test', 'present', '', gen_random_uuid(), 3, '{"name": "anna@acme.test"}', now());
INSERT INTO oxherd_address (address, domain_id, user_id, kind)
VALUES ('anna@acme.test', 1, 1, 'primary'), ('sales@mail.acme.test', 2, 1, 'alias');
INSERT INTO oxherd_auditentry (id, at, action, actor, door, request_id, tenant_id, subject_kind, subject_id,
                               subject_name, before, after)
VALUES (7, now(), 'user:add', 'Bob', 'panel', '', 1, 'serviceuser', 1, 'Änna Becker-Voß', '{}', '{}');
"""


@pytest.fixture
def database_url() -> Iterator[str]:
    """A database of its own on the server of the tests."""
    name = f"first_release_{os.getpid()}"
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def oxherd(url: str, *words: str) -> None:
    command = [sys.executable, "-m", "oxherd.cli.main", *words]
    ran = subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_data_of_the_first_release_is_migrated(database_url: str) -> None:
    oxherd(database_url, "manage", "migrate", "oxherd", "0001")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(FIRST_RELEASE)
    oxherd(database_url, "migrate")
    with psycopg.connect(database_url) as connection:
        domains = connection.execute("SELECT name, parent_id, verified_at IS NOT NULL FROM oxherd_domain ORDER BY id")
        assert domains.fetchall() == [("acme.test", None, True), ("mail.acme.test", 1, True)]
        users = connection.execute("SELECT login, presence, status FROM oxherd_serviceuser")
        assert users.fetchall() == [("anna@acme.test", "present", "enabled")]
        names = connection.execute("SELECT ox_name FROM oxherd_oxaccount")
        assert names.fetchall() == [("anna@acme.test",)]
        entries = connection.execute("SELECT entry_id, search_text FROM oxherd_auditunsealed, oxherd_auditentry")
        assert entries.fetchall() == [(7, "tenant1 anna becker voß")]
