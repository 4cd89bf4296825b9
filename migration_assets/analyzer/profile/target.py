"""What the target would refuse before a row is read: tables that differ, types that it does not know."""

from collections.abc import Mapping, Sequence

from migration_assets.analyzer.profile.model import Hazard
from migration_assets.analyzer.profile.standing import hazard
from migration_assets.analyzer.profile.subject import Subject
from migration_assets.errors import ConnectionRefused, MappingFault, MigrationError
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import connect
from migration_assets.tables.targets import catalog, types
from migration_assets.tables.targets.differences import compared
from migration_assets.tables.targets.locks import transaction

_REFUSED = "will be refused before a row is read"


def at_target(
    subjects: Sequence[Subject], environment: Mapping[str, str]
) -> tuple[dict[str, list[Hazard]], str]:
    """Hazards by contract, and why the target was not looked at, where it was not. It is only read."""
    found: dict[str, list[Hazard]] = {}
    if not subjects:
        return found, ""
    server = subjects[0].contract.target
    try:
        connection = connect(server, url_of(server, environment), read_only=True)
    except MigrationError as error:
        why = "has no connection" if isinstance(error, ConnectionRefused) else "could not be reached"
        return found, f"{server.name} {why}"
    try:
        for subject in subjects:
            if subject.contract.target.name == server.name:
                found[subject.contract.name] = list(_of(connection, subject))
    finally:
        connection.close()
    return found, ""


def _of(connection: catalog.extensions.connection, subject: Subject) -> list[Hazard]:
    try:
        with transaction(connection) as cursor:
            differences = compared(cursor, subject.contract)
            if differences is None:
                types.oids(cursor, subject.contract)
    except MappingFault as fault:
        return [hazard("differs from the target", subject, "refused", _REFUSED, detail=_sentence(fault.what))]
    except MigrationError:
        return [hazard("not looked at", subject, "noted", "the target's table could not be looked at")]
    return [
        hazard("differs from the target", subject, "refused", _REFUSED, detail=each)
        for each in differences or ()
    ]


def _sentence(text: str) -> str:
    return " ".join(text.split())
