"""A small package, made by hand as the standard describes it, and what tests change about it."""

import hashlib
import io
import json
import zipfile

BASE = "http://mail.example/aps"
CORE = "http://aps-standard.org/types/core"
COUNTER = f"{CORE}/resource/1.0#Counter"


def kind(service, version="1.0"):
    return f"{BASE}/{service}/{version}"


def schema(service, implements, version="1.0", **parts):
    return {"apsVersion": "2.0", "name": service, "id": kind(service, version), "implements": implements, **parts}


NOTIFICATION = {"notification": {"kind": "body", "type": f"{CORE}/resource/1.0#Notification", "required": True}}
SCHEMAS = {
    "app": schema(
        "app",
        [f"{CORE}/application/1.0"],
        properties={"server": {"type": "string"}, "key": {"type": "string", "encrypted": True}},
        relations={"tenants": {"type": kind("tenant"), "collection": True}},
        access={"owner": False, "referrer": False, "admin": True},
    ),
    "offer": schema(
        "offer",
        [f"{CORE}/resource/1.0"],
        properties={"code": {"type": "string", "required": True, "final": True, "pattern": "^[a-z]+$"}},
        relations={"app": {"type": kind("app"), "required": True}},
        access={"owner": True, "referrer": True, "admin": True},
    ),
    "tenant": schema(
        "tenant",
        [f"{CORE}/subscription/service/1.0", f"{CORE}/suspendable/1.0"],
        properties={
            "name": {"type": "string"},
            "contextId": {"type": "integer", "readonly": True},
            "size": {"type": "string", "enum": ["small", "large"], "default": "small"},
            "USERS": {"type": COUNTER, "title": "Users", "unit": "unit"},
        },
        relations={
            "app": {"type": kind("app"), "required": True},
            "offer": {"type": kind("offer"), "required": True},
            "users": {"type": kind("user"), "collection": True},
        },
        operations={
            "entry": {
                "verb": "POST",
                "path": "/entry/{page}",
                "access": {"owner": True, "admin": True, "referrer": False},
            },
            "onUserLinked": {"verb": "POST", "path": "/onUserLinked", "parameters": NOTIFICATION},
        },
    ),
    "user": schema(
        "user",
        [f"{CORE}/user/service/1.0"],
        properties={
            "mail": {"type": "string", "format": "email", "required": True},
            "secret": {"type": "string", "encrypted": True},
            "aliases": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "externalId": {"type": "integer", "readonly": True},
            "status": {"type": "string", "readonly": True},
        },
        relations={
            "tenant": {"type": kind("tenant"), "required": True},
            "user": {"type": f"{CORE}/user/1.0", "required": True},
        },
    ),
}
NAVIGATION = """
        <navigation id="ccp" label="Mail">
            <var name="tenant" type-id="http://mail.example/aps/tenant/1.0"/>
            <plugs-to id="http://www.aps-standard.org/ui/service"/>
            <item id="users-tab" label="People">
                <view id="users" label="People" src="ui/users.html"/>
                <view id="tenant" label="Contract" src="ui/users.html"/>
            </item>
        </navigation>
        <navigation id="wizard">
            <var name="tenant" type-id="http://mail.example/aps/tenant/1.0"/>
            <view id="suwizard.new" label="Mail" src="ui/new.html">
                <plugs-to id="http://www.aps-standard.org/ui/service/suwizard.new"/>
            </view>
            <view id="suwizard.overview" label="Mail" src="ui/overview.html">
                <plugs-to id="http://www.aps-standard.org/ui/service/suwizard.overview"/>
            </view>
        </navigation>"""
VIEW = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>View</title>
<script src="/aps/2/ui/runtime/client/aps/aps.js"></script><script>%s</script></head>
<body><p id="out">…</p></body></html>"""
USERS_JS = """
require(["aps/xhr", "aps/ResourceStore", "aps/ready!"], function (xhr, Store) {
  var tenant = aps.context.vars.tenant;
  new Store({target: "/aps/2/resources/" + tenant.aps.id + "/users"}).query("sort(mail)").then(function (users) {
    document.getElementById("out").textContent =
      aps.context.view.id + ": " + users.map(function (user) { return user.mail; }).join(", ");
  });
});"""
NEW_JS = """
require(["aps/ready!"], function () {
  var user = aps.context.params.user;
  document.getElementById("out").textContent = "Mail for " + user.login;
  aps.app.onNext = function () {
    aps.apsc.next({userAttr: "user", objects: [{
      aps: {type: "http://mail.example/aps/user/1.0"},
      mail: user.login,
      tenant: {aps: {id: aps.context.vars.tenant.aps.id}}
    }]});
  };
});"""
OVERVIEW_JS = """
require(["aps/ready!"], function () {
  document.getElementById("out").textContent = "Mail: " + aps.context.params.objects[0].mail;
});"""


def meta(version="1", release="1", upgrade="", navigation=NAVIGATION):
    services = "".join(f'<service id="{name}"><schema path="schemas/{name}.schema"/></service>' for name in SCHEMAS)
    upgrade = f'<upgrade match="{upgrade}"/>' if upgrade else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<application xmlns="http://aps-standard.org/ns/2" version="2.0">
    <id>{BASE}</id><name>Mail</name><version>{version}</version><release>{release}</release>
    <presentation><summary>Mailboxes</summary>{navigation}</presentation>
    {upgrade}{services}
</application>"""


def usual_files(**of_meta):
    files = {"APP-META.xml": meta(**of_meta), "ui/users.html": VIEW % USERS_JS}
    files |= {"ui/new.html": VIEW % NEW_JS, "ui/overview.html": VIEW % OVERVIEW_JS}
    return files | {f"schemas/{name}.schema": json.dumps(one) for name, one in SCHEMAS.items()}


def built(files, listed=None):
    """The archive of these files; `listed` are entries of the list that differ from what is true."""
    entries = ""
    for name, content in files.items():
        encoded = content.encode()
        entry = {"size": len(encoded), "sha256": hashlib.sha256(encoded).hexdigest(), **(listed or {}).get(name, {})}
        entries += f'<x:file name="{name}" size="{entry["size"]}" sha256="{entry["sha256"]}"/>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("APP-LIST.xml", f'<x:files xmlns:x="http://apstandard.com/ns/1">{entries}</x:files>')
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("ui/", "")
    return target.getvalue()


def package(**of_meta):
    return built(usual_files(**of_meta))
