"""Serves until its standard input ends. Each line of it is an order as JSON, and is answered by a line.

The first line that it writes is its address.
"""

import json
import os
import sys
import threading

import django
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def register(client_id, client_secret, redirect_url):
    from oauth2_provider.models import Application

    Application.objects.create(
        name=client_id,
        client_id=client_id,
        client_secret=client_secret,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=redirect_url,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )


def put(username, password, email, name, groups):
    """Add somebody, or change them."""
    from django.contrib.auth.models import Group, User

    first, _, last = name.partition(" ")
    user, _ = User.objects.update_or_create(
        username=username, defaults={"email": email, "first_name": first, "last_name": last}
    )
    user.set_password(password)
    user.save()
    user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])


def main():
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.identity_provider.accounts.settings"
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    print(json.dumps(f"http://127.0.0.1:{server.server_port}"), flush=True)
    for line in sys.stdin:
        order, what = json.loads(line)
        {"register": register, "put": put}[order](**what)
        print(json.dumps("done"), flush=True)
    server.shutdown()


if __name__ == "__main__":
    main()
