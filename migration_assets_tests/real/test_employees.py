"""The employees: the figures that their authors publish hold in the target."""

import re
from hashlib import md5

import psycopg2

from migration_assets_tests.real import catalogs, comparing, data, results
from migration_assets_tests.real.conftest import MariaDB, NewWorld
from migration_assets_tests.real.draft import Wish

LOADED = ("department", "employee", "dept_emp", "dept_manager", "title", "salary1")
#: columns of the published hash, and the order of its rows, as `test_employee_md5.sql` has them
CHAINS = {
    "employee": ("emp_no, birth_date, first_name, last_name, gender, hire_date", "emp_no"),
    "department": ("dept_no, dept_name", 'dept_no COLLATE "C"'),
    "dept_manager": ("dept_no, emp_no, from_date, to_date", 'dept_no COLLATE "C", emp_no'),
    "dept_emp": ("dept_no, emp_no, from_date, to_date", 'dept_no COLLATE "C", emp_no'),
    "title": ("emp_no, title, from_date, to_date", 'emp_no, title COLLATE "C", from_date'),
    "salary": ("emp_no, amount, from_date, to_date", "emp_no, from_date, to_date"),
}
_PUBLISHED = re.compile(r"\('(\w+)',\s*(\d+),\s*'([0-9a-f]{32})'\)")


def chained(url: str, table: str) -> tuple[int, str]:
    """Rows, and md5 over md5, as CONCAT_WS makes its text: NULL leaves no trace."""
    columns, order = CHAINS[table]
    connection = psycopg2.connect(url)
    try:
        with connection.cursor("rows") as cursor:
            cursor.execute(f"SELECT {columns} FROM public.{table} ORDER BY {order}")
            rows, crc = 0, ""
            for row in cursor:
                rows += 1
                crc = md5(
                    "#".join([crc, *(str(value) for value in row if value is not None)]).encode()
                ).hexdigest()
            return rows, crc
    finally:
        connection.close()


def test_the_published_hashes_of_six_tables_hold_in_the_target(maria: MariaDB, new_world: NewWorld) -> None:
    folder = data.folder("employees_mysql")
    tables, _, _ = data.text(folder / "employee.sql").partition("SELECT 'LOADING department'")
    rows = [data.text(folder / f"load_{name}.sql.zst") for name in LOADED]
    url = maria.load("employee", tables, *rows)
    catalog = catalogs.of_mysql(url, "employee")
    world = new_world(url)
    world.draft(catalog, {"salary": Wish({"partitions": {"by": "key", "rows": 9500}})})
    moved = world.move()

    # ten ranges of keys, and the partition for the rows that are in none
    assert moved["salary"].partitions == 10 + 1
    assert {
        name: found.verdict(comparing.of_mysql(url, "employee", name, world.target, ("public", name)))
        for name, found in moved.items()
    } == results.EMPLOYEES.tables
    published = {
        name: (int(number), crc)
        for name, number, crc in _PUBLISHED.findall(data.text(folder / "test_employee_md5.sql"))
    }
    assert {name: chained(world.target, name) for name in CHAINS} == published
    assert data.rows_of(folder / "expected.json") == results.EMPLOYEES.tables
    assert set(catalogs.of_postgres(world.target).keys) == set(catalog.keys)
