"""What the panel's role in the database may see of each table: one table of rules, from which the policies are made.

The panel's queries filter by `for_actor` already. This is the second wall, for the day on which one of them does not.
"""

# Evaluated once in a query, not once in a row. Nothing set: nobody is there, and nothing is seen.
ALL = "(SELECT current_setting('oxherd.sight', true) = 'all')"
BRANDS = "(SELECT coalesce(nullif(current_setting('oxherd.brands', true), ''), '{}')::bigint[])::bigint[]"
BRANDS_BESIDE = "(SELECT coalesce(nullif(current_setting('oxherd.brands_beside', true), ''), '{}')::bigint[])::bigint[]"
TENANTS = "(SELECT coalesce(nullif(current_setting('oxherd.tenants', true), ''), '{}')::bigint[])::bigint[]"
ADMINISTRATOR = "(SELECT nullif(current_setting('oxherd.administrator', true), '')::bigint)"


def _of_brand(column: str) -> str:
    """A brand's own rows, and what customers' administrators know of their brand: look, profiles, platform's state."""
    return f"{ALL} OR {column} = ANY ({BRANDS}) OR {column} = ANY ({BRANDS_BESIDE})"


def _of_tenant(column: str) -> str:
    """A customer's rows. Resellers see those of their brands' customers."""
    by_brand = f"SELECT 1 FROM oxherd_tenant seen WHERE seen.id = {column} AND seen.brand_id = ANY ({BRANDS})"  # noqa: S608 - ours
    return f"{ALL} OR {column} = ANY ({TENANTS}) OR (cardinality({BRANDS}) > 0 AND EXISTS ({by_brand}))"


# What is written of a place is seen there; what belongs to no place (a failed sign-in) by whoever wrote it.
OF_PLACE = (
    f"{ALL} OR tenant_id = ANY ({TENANTS}) OR brand_id = ANY ({BRANDS})"
    f" OR (tenant_id IS NULL AND brand_id = ANY ({BRANDS_BESIDE}))"
    f" OR (tenant_id IS NULL AND brand_id IS NULL AND administrator_id IS NOT DISTINCT FROM {ADMINISTRATOR})"
)


def _below(table: str, column: str, key: str = "id") -> str:
    """Rows that belong to a row which has a wall itself."""
    return f"{ALL} OR EXISTS (SELECT 1 FROM {table} above WHERE above.{key} = {column})"  # noqa: S608 - names of ours


OF_THEIR_PROFILES = f"SELECT 1 FROM oxherd_profile seen WHERE seen.id = profile_id AND seen.brand_id = ANY ({BRANDS})"  # noqa: S608 - ours

WALLED: dict[str, str] = {
    "oxherd_brand": _of_brand("id"),
    "oxherd_tenant": f"{ALL} OR id = ANY ({TENANTS}) OR brand_id = ANY ({BRANDS})",
    "oxherd_auditentry": OF_PLACE,
    "oxherd_syncjob": f"{ALL} OR tenant_id = ANY ({TENANTS}) OR brand_id = ANY ({BRANDS})",
    **dict.fromkeys(("oxherd_logo", "oxherd_upsell", "oxherd_platformhealth", "oxherd_profile"), _of_brand("brand_id")),
    "oxherd_customerdraft": f"{ALL} OR administrator_id = {ADMINISTRATOR}",
    "oxherd_inquiry": f"{ALL} OR brand_id = ANY ({BRANDS}) OR administrator_id = {ADMINISTRATOR}",
    "oxherd_rollout": f"{ALL} OR brand_id = ANY ({BRANDS})",
    "oxherd_profileuse": f"{ALL} OR EXISTS ({OF_THEIR_PROFILES})",
    "oxherd_adoption": f"{ALL} OR brand_id = ANY ({BRANDS})",
    **dict.fromkeys(
        (
            *("oxherd_seats", "oxherd_domain", "oxherd_serviceuser", "oxherd_oxaccount", "oxherd_userdraft"),
            *("oxherd_group", "oxherd_groupdraft", "oxherd_resource", "oxherd_forwarder", "oxherd_purchaserequest"),
            *("oxherd_comparison", "oxherd_eviction"),
        ),
        _of_tenant("tenant_id"),
    ),
    "oxherd_address": _below("oxherd_domain", "domain_id"),
    "oxherd_apppassword": _below("oxherd_serviceuser", "user_id"),
    "oxherd_dkimkey": _below("oxherd_domain", "domain_id"),
    "oxherd_outsidemember": _below("oxherd_group", "group_id"),
    "oxherd_photo": _below("oxherd_serviceuser", "user_id"),
    "oxherd_member": _below("oxherd_group", "group_id"),
    "oxherd_draftmember": _below("oxherd_groupdraft", "draft_id", "key"),
    "oxherd_recipient": _below("oxherd_forwarder", "forwarder_id"),
    "oxherd_repairorder": _below("oxherd_comparison", "comparison_id"),
    "oxherd_difference": _below("oxherd_comparison", "comparison_id"),
}
# Controllers enter by a door of their own, which sees all; no page shows these.
WALLED |= dict.fromkeys(
    (
        *("oxherd_apsconsumer", "oxherd_apsnonce", "oxherd_apsenrolment", "oxherd_apsinstance"),
        *("oxherd_apsresource", "oxherd_apsentry"),
    ),
    ALL,
)
WALLED |= {
    "oxherd_identityprovider": f"{_of_tenant('tenant_id')} OR brand_id = ANY ({BRANDS})",
    **dict.fromkeys(
        ("oxherd_maildomain", "oxherd_grouprole", "oxherd_identity", "oxherd_spentassertion"),
        _below("oxherd_identityprovider", "identity_provider_id"),
    ),
}
# Read before it is known who is there, or without anything of a customer in them.
OPEN: dict[str, str] = {
    "oxherd_administrator": "who may sign in",
    "oxherd_membership": "from which the sight is made",
    "oxherd_invitation": "found by its secret alone, by who has no role yet",
    "oxherd_customrole": "from which the sight is made",
    "oxherd_actingfor": "from which the sight is made",
    "oxherd_onetimelink": "found by its secret alone, of which it holds the digest",
    "oxherd_letter": "mails to administrators, without secrets once they are out",
    "oxherd_signinpolicy": "what is asked at the sign-in",
    **dict.fromkeys(("oxherd_auditunsealed", "oxherd_auditseal", "oxherd_auditchain"), "ids and digests only"),
    "oxherd_cache": "counters of attempts",
    "django_session": "by its secret key only",
}
OPEN_PREFIXES: dict[str, str] = {
    **dict.fromkeys(("account_", "mfa_", "usersessions_", "socialaccount_"), "sign-in"),
    "auth_": "unused, of Django",
    "django_": "of Django",
    "procrastinate_": "the queue: ids only",
}
# What the panel's role may not do at all: who was there stays told, and only the worker vouches for it.
TAKEN_AWAY: dict[str, str] = {
    "oxherd_auditentry": "UPDATE, DELETE",
    "oxherd_auditunsealed": "UPDATE, DELETE",
    "oxherd_auditseal": "INSERT, UPDATE, DELETE",
    "oxherd_auditchain": "SELECT, INSERT, UPDATE, DELETE",
}
