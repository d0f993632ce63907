"""Django's `migrate`, and after it the walls: new tables get theirs in the same breath."""

from typing import Any

from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor

from oxherd.mail import build as mail
from oxherd.walls import build as walls


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        looks_only = options["plan"] or options["check_unapplied"] or options["database"] != DEFAULT_DB_ALIAS
        if not looks_only and (options["app_label"] or not _is_complete()):
            mail.tear_down()
            walls.tear_down()
        super().handle(*args, **options)
        if not looks_only and _is_complete():
            call_command("createcachetable", verbosity=0)  # before the walls, which give the panel its rights
            for sentence in [*walls.build(), *mail.build()]:
                self.stderr.write(self.style.WARNING(sentence))


def _is_complete() -> bool:
    """Whether the tables are those of this version: the walls speak of their columns."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
