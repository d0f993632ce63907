"""`oxherd sandbox`: the stand-in from the command line."""

from pathlib import Path

import click

from oxherd.sandbox.platform import Platform
from oxherd.sandbox.seed import plant
from oxherd.sandbox.seed_file import SeedError
from oxherd.sandbox.server import serve
from oxherd.sandbox.settings import Settings
from oxherd.sandbox.wizard import Wizard

HELP = """Run a stand-in for an Open-Xchange provisioning server.

It speaks SOAP as the real one does, under /webservices/: OXContextService, OXUserService, OXGroupService,
OXResourceService, OXUtilService, OXTaskMgmtService, OXSecondaryAccountService, OXUserCopyService; and as OX Cloud
does: OXResellerService, the OXReseller twins of the first four, OXaaSService (add ?wsdl for the contract). For brands
it speaks REST, under /cloudapi/v2/ and /oxaas/v1/admin/ (also below /api). It checks credentials and rules with the
real texts, and keeps everything in one SQLite file that survives a restart and a kill at any moment.

\b
Credentials
  contexts: the master login of --master-login and --master-password
  users, groups, resources:
            the admin that was named when the context was created; the
            master only with --account-override; ordinary users read and
            change their own record
  brands:   the master makes them with OXResellerService.create; a brand does
            its own contexts, and all that is in them, by the OXReseller
            services, OXaaSService and REST (HTTP Basic): ids come from the
            server, names begin with BRAND_
There is no protection beyond that, as it is meant for tests: leave it on 127.0.0.1.

\b
Seeding
  --seed FILE.yaml fills it before it listens; what is there already, by its
  name, stays as it is. A file that is wrong is refused with the line to mend.
    brands:
      - name: north              # login
        password: north-secret
        limits: {Subadmin.MaxContext: 10}
        shared_domains: [shared.test]
    contexts:
      - name: acme               # becomes north_acme
        brand: north             # without one it is the master's; then id too
        quota: 1000              # MB; unlimited if left out
        max_users: 50
        admin: {name: oxadmin, password: admin-secret}
        users:
          - name: anna@acme.test
            password: anna-secret
            given_name: Anna
            sur_name: Beispiel
            aliases: [info@acme.test]
            class_of_service: [cloud_pim]
        groups: [{name: team, members: [anna@acme.test]}]
        resources: [{name: blue, address: blue@acme.test}]
        catchalls: {acme.test: anna@acme.test}
        forwards: {sales@acme.test: [anna@acme.test]}
  brands also have display_name, below (another brand); contexts id, combination,
  login_mappings; users address, display_name, language, timezone, combination,
  quota, mail_quota, spam_level, mail_kib, files_mb (used already); groups and
  resources display_name; resources description.

\b
Pointing a client at it
  master:        --master-login, for OXContextService and OXResellerService
  brand:         its name and password, for OXReseller*Service, OXaaSService
                 and REST; contexts are addressed as BRAND_NAME
  context admin: its name and password with the id of the context

\b
Pages and interface for tests
  /                                     contexts with users, groups,
                                        resources and mail, brands, mischief,
                                        last calls; on a user's page the
                                        upgrade wizard
  GET|PUT|DELETE /sandbox/api/mischief  latency_ms, jitter_ms, error_rate,
                                        error_action, rules
  POST /sandbox/api/mischief/rules      add {match, action, times, text, seconds,
                                        fault}
  GET|DELETE     /sandbox/api/log       last calls and counters
  GET  /sandbox/api/contexts[/ID[/users[/UID[/photo]]]]   what is held
  GET  /sandbox/api/contexts/ID/groups[/GID]      groups with their members
  GET  /sandbox/api/contexts/ID/resources[/RID]   resources and permissions
  GET  /sandbox/api/contexts/ID/mail    catch-alls and forwards
  GET  /sandbox/api/brands[/ID]         brands with their limits
                                        lists: ?search= &limit= &offset=
  PUT  /sandbox/api/contexts/ID/users/UID/usage   fill {mail_kib, files_mb}
  POST /sandbox/api/contexts/ID/guests  invite a guest user {email}
  POST /sandbox/api/contexts/ID/users/UID/sessions
                                        sign a user in: session and cookie for
                                        the HTTP API below /appsuite/api/
                                        (acquireToken, redeemToken, logout) and
                                        /preliminary/session/v1/get/SESSION
  POST /sandbox/api/sign-in             {context_id, name, password}
  GET  /sandbox/api/health

\b
A rule matches any of service, operation, name (of context, user, group or
resource, with *) and context_id; its action is one of refuse,
storage_exception, time_out, reset, status_503 and answer_lost; times is how
often it still strikes (null: ever); fault, of a refusal, names an exception
or a code of the Cloud API. A REST call has the service cloudapi or oxaas and
an operation like "PUT /users/{login}".
Mischief and log are in memory: a restart forgets them.
"""


@click.command("sandbox", help=HELP)
@click.option("--port", type=click.IntRange(0, 65535), default=8100, show_default=True, help="0 picks a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("var/sandbox.sqlite3"),
    show_default=True,
    help="SQLite file; made when absent.",
)
@click.option(
    "--seed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file with brands, contexts and what is in them; what is there already stays.",
)
@click.option("--master-login", default=Settings.master_login, show_default=True, help="Login for contexts.")
@click.option(
    "--master-password",
    envvar="OXHERD_SANDBOX_MASTER_PASSWORD",
    default=Settings.master_password,
    show_default=True,
    show_envvar=True,
    help="Its password.",
)
@click.option("--account-override/--no-account-override", help="MASTER_ACCOUNT_OVERRIDE: the master may do users too.")
@click.option("--username-changeable/--no-username-changeable", help="USERNAME_CHANGEABLE: users may be renamed.")
@click.option(
    "--primary-mail-unchangeable/--no-primary-mail-unchangeable",
    help="PRIMARY_MAIL_UNCHANGEABLE: primary addresses stay as they are.",
)
@click.option("--upsell-url", default="", help="Address of the upgrade wizard, with its $variables.")
@click.option("--upsell-width", default=Wizard.width, show_default=True, help="Width of its frame in pixels.")
@click.option("--upsell-height", default=Wizard.height, show_default=True, help="Height of its frame in pixels.")
@click.option("--upsell-token/--no-upsell-token", help="Append ox_token to it, as iframe apps do.")
@click.option(
    "--token-secret", default=Settings.token_secret, show_default=True, help="The line of tokenlogin-secrets."
)
@click.option("--rest-login", default=Settings.rest_login, show_default=True, help="Login of the session look-up.")
@click.option("--rest-password", default=Settings.rest_password, show_default=True, help="Its password.")
def sandbox(
    *,
    port: int,
    host: str,
    data: Path,
    seed: Path | None,
    master_login: str,
    master_password: str,
    account_override: bool,
    username_changeable: bool,
    primary_mail_unchangeable: bool,
    upsell_url: str,
    upsell_width: int,
    upsell_height: int,
    upsell_token: bool,
    token_secret: str,
    rest_login: str,
    rest_password: str,
) -> None:
    settings = Settings(
        master_login=master_login,
        master_password=master_password,
        account_override=account_override,
        username_changeable=username_changeable,
        primary_mail_unchangeable=primary_mail_unchangeable,
        wizard=Wizard(upsell_url, upsell_width, upsell_height, upsell_token),
        token_secret=token_secret,
        rest_login=rest_login,
        rest_password=rest_password,
    )
    if seed is not None:
        _plant(data, settings, seed)
    try:
        serve(port, data, host=host, settings=settings)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}:{port}: {error.strerror or error}") from error


def _plant(data: Path, settings: Settings, seed: Path) -> None:
    platform = Platform(data, settings)
    try:
        plant(platform, seed)
    except SeedError as error:
        raise click.ClickException(f"{seed}, {error}") from error
    finally:
        platform.store.close()
