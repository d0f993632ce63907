"""The addresses by which App Suite opens the offer, with its own variables in them."""

# Of the iframe wizard, and of the static URL.
WIZARD = "cid=$context_id&uid=$user_id&mail=$mail&lang=$language&host=$hostname&type=$type&id=$id&missing=$missing"
STATIC = "cid=_CID_&uid=_USERID_&mail=_MAIL_&lang=_LANG_&clicked_feat=_CLICKED_FEATURE_&upsell_plan=_UPSELL_PLAN_"


def offer(base_url: str, key: str) -> str:
    return f"{base_url}/upsell/{key}/"


def wizard(base_url: str, key: str, *, session: bool) -> str:
    """session: in the fragment, which reaches no server's log."""
    return f"{offer(base_url, key)}?{WIZARD}{'#session=$session' if session else ''}"


def static(base_url: str, key: str) -> str:
    return f"{offer(base_url, key)}?{STATIC}"


def embedded(base_url: str, key: str) -> str:
    """Of a page in App Suite's settings, which gets a login token."""
    return f"{offer(base_url, key)}?token=[token]"
