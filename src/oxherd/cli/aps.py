"""`oxherd aps`: the package for the provider's control panel, and what answers it. A file for each few subcommands."""

import click

from oxherd.cli.main import LazyGroup, Subcommand

# What needs the database says so; the package is built and checked without one.
SUBCOMMANDS = {
    "build": Subcommand("oxherd.cli.aps_package:build", "Make the package that a control panel imports."),
    "check": Subcommand("oxherd.cli.aps_package:check", "Tell what is wrong with a package."),
    "types": Subcommand("oxherd.cli.aps_package:types", "Print the types of the package as Markdown."),
    "demo": Subcommand(
        "oxherd.cli.aps_demo:demo", "Run a stand-in for a controller, with our package in it.", needs_django=True
    ),
    "controller": Subcommand("oxherd.controller.command:controller", "Run a stand-in for an APS controller."),
    "enrol": Subcommand(
        "oxherd.cli.aps_trust:enrol", "Make a token for an instance that is told by certificates.", needs_django=True
    ),
    "enrolments": Subcommand(
        "oxherd.cli.aps_trust:enrolments", "List such tokens, and withdraw them.", needs_django=True
    ),
    "consumer": Subcommand(
        "oxherd.cli.aps_trust:consumer", "Make, list, renew and revoke pairs of OAuth.", needs_django=True
    ),
    "instances": Subcommand("oxherd.cli.aps_trust:instances", "List the instances in controllers.", needs_django=True),
}


@click.group(cls=LazyGroup, subcommands=SUBCOMMANDS)
def aps() -> None:
    """Serve Odin Service Automation and CloudBlue Commerce by APS 2.0 (docs/aps.md)."""
