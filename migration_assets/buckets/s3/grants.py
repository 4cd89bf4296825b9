"""Who may read and change an object (its ACL), between S3's document and the headers of a write.

`PUT ?acl` is never sent: some stores overwrite the body with it and say 200.
"""

from collections.abc import Mapping

from migration_assets.buckets.s3.flow import ATTEMPTS, Waits
from migration_assets.buckets.s3.listing import parsed
from migration_assets.buckets.s3.store import Refused, Store
from migration_assets.errors import Passing

#: permission and grantee, as a header has them: `READ` and `id="…"`
Grants = tuple[tuple[str, str], ...]

_ALL = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
_ANYBODY_KNOWN = 'uri="http://acs.amazonaws.com/groups/global/AuthenticatedUsers"'
#: bytes of an ACL: S3 takes a hundred grants
_LONGEST = 1 << 20
#: what a word of S3's says besides that the owner may do everything
_CANNED: Mapping[Grants, str] = {
    (("READ", _ALL),): "public-read",
    (("READ", _ALL), ("WRITE", _ALL)): "public-read-write",
    (("READ", _ANYBODY_KNOWN),): "authenticated-read",
}


def grants_of(store: Store, key: str, version: str = "", attempts: int = ATTEMPTS) -> tuple[Grants, str]:
    """All but what the owner may, sorted; and the owner's id. Refused where the store has no ACLs.

    A store that does not know the question answers with the object itself, which may look like anything: only
    an object has an ETag.
    """
    query = [("acl", ""), *([("versionId", version)] if version else [])]
    waits = Waits(attempts)
    while True:
        try:
            answer = store.ask("GET", key, query)
            if "etag" in answer.headers:
                answer.close()
                raise _unknown(store)
            page = parsed(answer.read(_LONGEST), store.shown)
            break
        except Passing as error:
            waits.wait(error)
    if page.tag != "AccessControlPolicy":
        raise _unknown(store)
    owner = page.findtext("Owner/ID") or ""
    found: set[tuple[str, str]] = set()
    for each in page.iterfind(".//Grant"):
        name, group = each.findtext("Grantee/ID") or "", each.findtext("Grantee/URI") or ""
        permission = each.findtext("Permission") or ""
        if (name, permission) != (owner, "FULL_CONTROL"):
            found.add((permission, f'uri="{group}"' if group else f'id="{name}"'))
    return tuple(sorted(found)), owner


def _unknown(store: Store) -> Refused:
    return Refused(f"{store.shown} does not tell who may read an object. Leave `acl` out of `keep`.", "", 501)


def word_of(grants: Grants) -> str:
    """S3's own word for what others than the owner may; empty where there is none."""
    return _CANNED.get(grants, "")


def headers_of_grants(grants: Grants) -> dict[str, str]:
    """None where the owner alone may do anything. Where no word fits, the owner has to be among them."""
    if word := word_of(grants):
        return {"x-amz-acl": word}
    said: dict[str, list[str]] = {}
    for permission, grantee in grants:
        said.setdefault(permission, []).append(grantee)
    return {
        f"x-amz-grant-{permission.lower().replace('_', '-')}": ", ".join(grantees)
        for permission, grantees in said.items()
    }
