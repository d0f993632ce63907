"""What the database shows to the panel: no more than who has signed in may see, even to a query without a filter."""

import psycopg
import pytest
from django.apps import apps
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.http import StreamingHttpResponse
from tests.cast import NOBODY_THERE, PASSWORD

from oxherd.accounts.actor import Grant
from oxherd.accounts.commands import add_administrator, grant
from oxherd.accounts.states import Role
from oxherd.app_passwords.models import AppPassword
from oxherd.audit.models import AuditEntry
from oxherd.brands.commands import add_brand
from oxherd.brands.models import Brand
from oxherd.domains.commands import add_domain
from oxherd.domains.models import Domain
from oxherd.people.models import ServiceUser
from oxherd.people.queries import found
from oxherd.tenants.commands import add_tenant
from oxherd.tenants.models import Tenant
from oxherd.walls.build import build, tear_down
from oxherd.walls.crossing import verified_elsewhere
from oxherd.walls.policies import OPEN, OPEN_PREFIXES, WALLED
from oxherd.walls.sight import EVERYTHING, NOTHING, Sight, kept, seeing, sight_of

COLUMNS = """
SELECT table_name, array_agg(column_name::text) FROM information_schema.columns
WHERE table_schema = 'public' AND table_name IN (SELECT tablename FROM pg_tables) GROUP BY table_name
"""


@pytest.fixture
def stage(cast):
    """Acme and Globex of one brand, Initech of another, each with a user who has OX, a group, and jobs."""
    other = add_brand(actor=cast.system, name="Sunset", api_url=NOBODY_THERE, username="x", password="y")
    initech = add_tenant(actor=cast.system, brand=other, name="Initech")
    add_domain(actor=cast.system, tenant=initech, name="initech.test")
    anna = cast.user("Anna Becker", ox=True)
    cast.user("Zoe Quist", tenant=cast.globex, ox=True)
    cast.group("Sales", anna, address="sales@acme.test")
    return cast


def shown(sight):
    """Of which tenants the rows are that a query without any filter brings, table by table."""
    seen = {}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        columns = dict(cursor.fetchall())
    with seeing(sight), connection.cursor() as cursor:
        for table in WALLED:
            column = "id" if table == "oxherd_tenant" else "tenant_id"
            if column in columns.get(table, ()):
                cursor.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")
                seen[table] = {pk for (pk,) in cursor.fetchall()}
    return seen


def test_every_table_is_behind_a_wall_or_open_for_a_reason(db):
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        tables = {table for table, _ in cursor.fetchall()}
    undecided = {
        table
        for table in tables
        if table not in WALLED and table not in OPEN and not table.startswith(tuple(OPEN_PREFIXES))
    }
    assert undecided == set(), "add them to oxherd/walls/policies.py"
    assert set(WALLED) <= tables


def test_whatever_belongs_to_a_tenant_is_behind_a_wall(db):
    """Also a table that somebody has called open."""
    columns = {
        model._meta.db_table: {field.column for field in model._meta.concrete_fields} for model in apps.get_models()
    }
    of_tenants = {table for table, names in columns.items() if "tenant_id" in names}
    of_the_sign_in = {"membership", "invitation", "customrole", "signinpolicy", "actingfor"}
    assert of_tenants - set(WALLED) <= {f"oxherd_{name}" for name in of_the_sign_in}


def test_a_query_that_forgot_its_filter_brings_one_customers_rows(stage):
    seen = shown(sight_of(stage.actor(stage.charlie)))
    assert set().union(*seen.values()) == {stage.globex.pk}
    assert seen["oxherd_serviceuser"] == seen["oxherd_oxaccount"] == seen["oxherd_syncjob"] == {stage.globex.pk}


def test_a_reseller_is_shown_the_customers_of_the_brand(stage):
    rafael = add_administrator(email="rafael@panel.test", name="Rafael", password=PASSWORD)
    grant(rafael, Role.RESELLER, brand=stage.brand)
    seen = shown(sight_of(stage.actor(rafael)))
    assert set().union(*seen.values()) == {stage.acme.pk, stage.globex.pk}
    with seeing(sight_of(stage.actor(rafael))):
        assert set(Brand.objects.all()) == {stage.brand}


def test_the_operator_is_shown_all_and_nobody_nothing(stage):
    assert shown(sight_of(stage.actor(stage.alice)))["oxherd_tenant"] == set(
        Tenant.objects.values_list("pk", flat=True)
    )
    assert set().union(*shown(NOTHING).values()) == set()
    assert set().union(*shown(sight_of(stage.actor(add_nobody()))).values()) == set()


def add_nobody():
    return add_administrator(email="nobody@panel.test", name="Nobody", password=PASSWORD)


def test_what_hangs_on_a_customers_rows_is_shown_with_them_alone(stage):
    with seeing(sight_of(stage.actor(stage.charlie))), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM oxherd_member")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT address FROM oxherd_address")
        assert {address for (address,) in cursor.fetchall()} == {"zoe.quist@globex.test"}


def test_application_passwords_are_shown_with_their_users_and_written_for_no_others(stage):
    anna, zoe = (ServiceUser.objects.get(display_name=name) for name in ("Anna Becker", "Zoe Quist"))
    kept = AppPassword.objects.create(user=anna, name="Telephone", digest="a" * 64, created_by="x")
    with seeing(sight_of(stage.actor(stage.charlie))):
        assert not AppPassword.objects.exists()
        assert AppPassword.objects.filter(pk=kept.pk).delete()[0] == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            AppPassword.objects.create(user=anna, name="Taken", digest="b" * 64, created_by="x")
        AppPassword.objects.create(user=zoe, name="Watch", digest="c" * 64, created_by="x")
    with seeing(sight_of(stage.actor(stage.bob))):
        assert list(AppPassword.objects.all()) == [kept]


def test_a_customers_administrator_knows_the_own_brand_and_no_other(stage):
    with seeing(sight_of(stage.actor(stage.bob))):
        assert [brand.name for brand in Brand.objects.all()] == ["Sunrise"]


def test_nothing_is_written_beyond_the_wall(stage):
    with seeing(sight_of(stage.actor(stage.charlie))):
        assert Tenant.objects.filter(pk=stage.acme.pk).update(name="Taken") == 0
        assert ServiceUser.objects.filter(tenant=stage.acme).delete()[0] == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Domain.objects.create(tenant=stage.acme, name="taken.test", sort_name="taken.test")
    assert Tenant.objects.get(pk=stage.acme.pk).name == "Acme"


@pytest.mark.parametrize("statement", ["UPDATE oxherd_auditentry SET actor = 'x'", "DELETE FROM oxherd_auditentry"])
def test_the_panel_cannot_rewrite_what_was_told(stage, statement):
    with seeing(EVERYTHING), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AuditEntry.objects.exists()


def test_the_panels_role_has_no_way_around_the_walls(db, settings):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s",
            [settings.OXHERD_PANEL_ROLE],
        )
        assert cursor.fetchone() == (False, False, False, False)
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = %s)",
            [settings.OXHERD_PANEL_ROLE],
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        assert {table for (table,) in cursor.fetchall()} == set(WALLED)


def test_afterwards_the_connection_is_as_before(stage):
    with seeing(NOTHING):
        with seeing(sight_of(stage.actor(stage.bob))) as see:
            assert Tenant.objects.count() == 1
            see(EVERYTHING)
            assert Tenant.objects.count() == 3
        assert Tenant.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user")
        assert cursor.fetchone() == (True,)


def test_what_is_sent_piece_by_piece_is_made_with_the_same_sight(stage):
    names = (f"{tenant.name} ".encode() for tenant in Tenant.objects.order_by("name").iterator(chunk_size=1))
    answer = StreamingHttpResponse(kept(sight_of(stage.actor(stage.charlie)), names))
    assert answer.getvalue() == b"Globex "


def test_that_somebody_has_proved_a_domain_is_learnt_of_that_name_alone(stage):
    with seeing(sight_of(stage.actor(stage.bob))):
        assert verified_elsewhere(["globex.test", "free.test", "acme.test"], stage.acme.pk) == {"globex.test"}


def test_a_search_is_asked_before_the_wall(stage):
    """An operator that could tell of hidden rows would be asked after the policy, row by row, and never by an index."""
    actor = stage.actor(stage.bob)
    with seeing(sight_of(actor)):
        plan = found(actor, stage.acme, text="beck").explain()
    assert 0 < plan.find("search @@ ") < plan.find("InitPlan"), plan


def test_building_anew_changes_nothing(db, django_assert_num_queries):
    """After a migration that changed no table, no table is locked."""
    build()
    with connection.execute_wrapper(_refuse_changes):
        assert build() == []


def test_while_tables_are_changed_the_panel_is_shown_nothing(stage):
    """A column that a policy speaks of could not be changed; and no wall is no reason to see all."""
    tear_down()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # of the rows that the test has just made
        cursor.execute("ALTER TABLE oxherd_syncjob ALTER tenant_id TYPE numeric")
        cursor.execute("ALTER TABLE oxherd_syncjob ALTER tenant_id TYPE bigint")
    assert set().union(*shown(EVERYTHING).values()) == set()
    build()
    assert stage.acme.pk in shown(EVERYTHING)["oxherd_syncjob"]


def _refuse_changes(execute, sql, params, many, context):
    assert "ALTER TABLE" not in str(sql)
    assert "POLICY" not in str(sql)
    return execute(sql, params, many, context)


def test_without_the_role_there_is_one_wall(stage, settings):
    settings.OXHERD_PANEL_ROLE = ""
    with seeing(NOTHING):
        assert Tenant.objects.count() == 3


def test_a_role_on_a_tenant_alone_does_not_show_its_brands_jobs(stage):
    actor = stage.actor(stage.bob)
    assert actor.grants == (Grant(Role.CUSTOMER_ADMINISTRATOR, tenant_id=stage.acme.pk),)
    assert sight_of(actor) == Sight(tenants=frozenset({stage.acme.pk}), administrator_id=stage.bob.pk)


def end_the_connection() -> None:
    """From outside, as when the database starts anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def test_a_connection_that_has_died_since_the_last_request_is_replaced(transactional_db):
    end_the_connection()
    connection.health_check_enabled, connection.health_check_done = True, False  # as at the beginning of a request
    with seeing(EVERYTHING):
        assert Brand.objects.count() == 0


def test_a_connection_that_dies_within_a_request_is_told_as_no_database(transactional_db):
    end_the_connection()
    connection.health_check_enabled = False
    with pytest.raises(OperationalError), seeing(EVERYTHING):
        pass
    connection.close()
    with seeing(NOTHING):
        pass
    with connection.cursor() as cursor:  # as whoever connects, and not as the panel that failed
        cursor.execute("SELECT current_user = session_user, current_setting('oxherd.sight')")
        assert cursor.fetchone() == (True, "")
