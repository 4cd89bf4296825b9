"""What comes of each table of the real databases: the tests hold the package to it, a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass

#: rows, all of which arrive exactly, or in words what becomes of them
Verdicts = Mapping[str, int | str]


@dataclass(frozen=True)
class Result:
    """The tables of one data set, from one kind of source."""

    data: str
    source: str
    tables: Verdicts
    #: the policy of the contracts, where it is not the default
    policy: str = ""

    @property
    def exact(self) -> dict[str, int]:
        return {name: verdict for name, verdict in self.tables.items() if isinstance(verdict, int)}

    @property
    def told(self) -> dict[str, str]:
        return {name: verdict for name, verdict in self.tables.items() if isinstance(verdict, str)}


_CHINOOK = {
    "Album": 347,
    "Artist": 275,
    "Customer": 59,
    "Employee": 8,
    "Genre": 25,
    "Invoice": 412,
    "InvoiceLine": 2240,
    "MediaType": 5,
    "Playlist": 18,
    "PlaylistTrack": 8715,
    "Track": 3503,
}

CHINOOK_SQLITE = Result("chinook", "SQLite", _CHINOOK)
CHINOOK_MYSQL = Result("chinook", "MariaDB", _CHINOOK)
CHINOOK_POSTGRES = Result(
    "chinook",
    "PostgreSQL",
    {
        "album": 347,
        "artist": 275,
        "customer": 59,
        "employee": 8,
        "genre": 25,
        "invoice": 412,
        "invoice_line": 2240,
        "media_type": 5,
        "playlist": 18,
        "playlist_track": 8715,
        "track": 3503,
    },
)

EMPLOYEES = Result(
    "employees_mysql",
    "MariaDB",
    {
        "department": 9,
        "dept_emp": 11051,
        "dept_manager": 24,
        "employee": 10000,
        "salary": 94917,
        "title": 14782,
    },
)

SAKILA = Result(
    "sakila_mysql",
    "MariaDB",
    {
        "actor": 200,
        "address": 603,
        "category": 16,
        "city": 600,
        "country": 109,
        "customer": 599,
        "film": 1000,
        "film_actor": 5462,
        "film_category": 1000,
        "film_text": 1000,
        "inventory": 4581,
        "language": 6,
        "payment": 16049,
        "rental": 16044,
        "staff": 2,
        "store": 2,
    },
)

NORTHWIND = Result(
    "northwind_pg",
    "PostgreSQL",
    {
        "categories": 8,
        "customer_customer_demo": 0,
        "customer_demographics": 0,
        "customers": 91,
        "employee_territories": 49,
        "employees": 9,
        "order_details": 2155,
        "orders": 830,
        "products": 77,
        "region": 4,
        "shippers": 6,
        "suppliers": 29,
        "territories": 53,
        "us_states": 51,
    },
)

PAGILA = Result(
    "pagila_pg",
    "PostgreSQL",
    {
        "actor": 200,
        "address": 603,
        "category": 16,
        "city": 600,
        "country": 109,
        "customer": 599,
        "film": 1000,
        "film_actor": 5462,
        "film_category": 1000,
        "inventory": 4581,
        "language": 6,
        "payment": 16049,
        "payment_p2022_01": 723,
        "payment_p2022_02": 2401,
        "payment_p2022_03": 2713,
        "payment_p2022_04": 2547,
        "payment_p2022_05": 2677,
        "payment_p2022_06": 2654,
        "payment_p2022_07": 2334,
        "rental": 16044,
        "staff": 2,
        "store": 2,
    },
)

HAPPINESS = Result("happiness_pg", "PostgreSQL", {"2019": 156})

PGLOADER_MYSQL = Result(
    "pgloader_a",
    "MariaDB",
    {
        "CamelCase": 0,
        "base64": 1,
        "bits": 2,
        "circuits": 73,
        "countdata_template": 2,
        "domain_filter": 0,
        "empty": 0,
        "encryption_key_canary": 1,
        "fcm_batches": 1,
        "funny_string": "row 1: source column s has invalid text",
        "geom": 1,
        "history": 0,
        "onupdate": 0,
        "pgloader_test_unsigned": 1,
        "propertydecimal": 0,
        "races": 0,
        "refrain": 4,
        "utilisateurs__Yvelines2013-06-28": 0,
        "uw_defined_meaning": 0,
    },
)
_NO_KEY = "; ".join(f"row {number}: column id is NULL but required" for number in (1, 2, 3))
_NO_DATES = "row 1: column StartTime is no date; column EndTime is no date; row 2: column EndTime is no date"
PGLOADER_SQLITE = Result(
    "pgloader_a/sqlite.db",
    "SQLite",
    {
        "TableName": 0,
        "appointments": 0,
        "autoinc": _NO_KEY,
        "blobs": 1,
        "character": 4,
        "currentdate": 1,
        "datetime_default": 3,
        "def": 2,
        "double": 1,
        "intege": 3,
        "ints": 3,
        "item": 2,
        "long": 2,
        "reals": 3,
        "references": 0,
        "stamps": _NO_DATES,
        "t548": 0,
        "typenames": 0,
        "unsigned": 2,
        "user": 4,
    },
)
PGLOADER_STORAGE = Result(
    "pgloader_a/storage.sqlite",
    "SQLite",
    {
        "auth_cas": 0,
        "auth_event": 15,
        "auth_group": 5,
        "auth_membership": 6,
        "auth_permission": 0,
        "auth_user": 3,
        "config": 3,
        "config_category": 1,
        "files": 2,
    },
)
PGLOADER_MISMATCH = Result(
    "pgloader_a/type-mismatch.db", "SQLite", {"products": "id=2: column qty is no bigint"}
)

GHOST = Result(
    "ghost_localtests_a",
    "MariaDB",
    {
        "alter-charset-all-dml": 3,
        "analyze-ghost-table-before-cutover": 2,
        "autoinc-copy-deletes-user-defined": 4,
        "autoinc-copy-simple": 4,
        "bigint-change-nullable": 0,
        "bit-add": 2,
        "compound-pk-ts": 8,
        "convert-utf8mb4": 4,
        "datetime": 5,
        "datetime-1970": "id=1: source column create_time has zero date",
        "datetime-submillis": 2,
        "datetime-to-timestamp": 3,
        "discard-fk": 6,
        "enum": 4,
        "enum-pk": 4,
        "fail-datetime-with-zero": 1,
        "fail-existing-datetime-with-zero": 1,
        "fail-fk": 6,
        "fail-no-shared-uk": 0,
        "fail-rename-table": 3,
        "gbk-charset": 4,
        "generated-columns": 10,
        "generated-columns-rename": 10,
        "gtid-resume": 8192,
        "json-dml": 3,
        "keyword-column": 3,
        "latin1text": 3,
        "modify-change-case-pk": 1,
        "panic-on-warnings-batch-middle": 3,
        "panic-on-warnings-duplicate-values-for-unique-index": 2,
        "rename-inserts-only": 3,
        "rename-none-comment": 0,
        "rename-reorder-columns": 1,
        "reorder-columns": 1,
        "spatial": 3,
        "swap-uk-uk": 4,
        "sysbench": "no table: the script only drops one",
        "timestamp-to-datetime": 2,
        "trigger-advanced-features": 16,
        "trigger-long-name-validation": 4,
        "tz": 5,
        "tz-datetime-ts": 2,
        "unsigned": 1,
        "unsigned-rename": 1,
        "utf8mb4": 3,
    },
)

UNDER_POLICIES = (
    Result(
        "pgloader_a",
        "MariaDB",
        {"funny_string": "0 rows, 1 in quarantine: row 1: source column s has invalid text"},
        "bad_rows: quarantine",
    ),
    Result(
        "pgloader_a/sqlite.db",
        "SQLite",
        {
            "autoinc": f"0 rows, 3 in quarantine: {_NO_KEY}",
            "stamps": f"1 row, 2 in quarantine: {_NO_DATES}",
        },
        "bad_rows: quarantine",
    ),
    Result(
        "pgloader_a/type-mismatch.db",
        "SQLite",
        {"products": "2 rows, 1 in quarantine: id=2: column qty is no bigint"},
        "bad_rows: quarantine",
    ),
    Result("ghost_localtests_a", "MariaDB", {"datetime-1970": 1}, "zero_dates: as_null"),
)

RESULTS = (
    EMPLOYEES,
    CHINOOK_SQLITE,
    CHINOOK_MYSQL,
    CHINOOK_POSTGRES,
    SAKILA,
    NORTHWIND,
    PAGILA,
    HAPPINESS,
    PGLOADER_MYSQL,
    PGLOADER_SQLITE,
    PGLOADER_STORAGE,
    PGLOADER_MISMATCH,
    GHOST,
)


def of_policy(data: str) -> tuple[Result, ...]:
    """The results of a data set under policies that are not the default."""
    return tuple(result for result in UNDER_POLICIES if result.data == data)
