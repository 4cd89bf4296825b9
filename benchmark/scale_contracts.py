"""Synthetic contracts of any number: 20 columns, three expressions, 11 checks and a parent each."""

import json
from pathlib import Path

#: every so many contracts one has no parent, and is the parent of those after it
FAMILY = 10

_HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: scale-{name}
name: {name}
version: 1.0.0
status: active
domain: domain_{domain}
description:
  purpose: A table that was made to measure the control side.
team:
  name: scale
  members:
    - {{username: scale@example.com, role: owner}}
servers:
  - {{server: legacy, type: postgresql, host: localhost, port: 5432, database: legacy, schema: old}}
  - {{server: cloud, type: postgresql, host: localhost, port: 5432, database: cloud, schema: new}}
customProperties:
  - property: migration
    value:
      kind: table
      source: legacy
      target: cloud
{partitions}schema:
  - name: {name}
    physicalName: {name}
    physicalType: table
    description: One row for each thing.
    properties:
      - name: id
        description: Counts from 1.
        logicalType: integer
        physicalType: bigint
        primaryKey: true
        required: true
      - name: parent_id
        description: Another thing.
        logicalType: integer
        physicalType: bigint
{relationship}"""
_MAPPED = """\
      - name: mapped_{at}
        description: Without the padding.
        logicalType: string
        physicalType: varchar(60)
        transformSourceObjects: [text_{at}]
        transformLogic: lower(rtrim(text_{at}))
"""
_RULED = """\
      - name: number_{at}
        description: How many.
        logicalType: integer
        physicalType: integer
        required: true
        logicalTypeOptions: {{minimum: 0, maximum: 1000000}}
"""
_PLAIN = """\
      - name: text_{at}
        description: What the clerks wrote about it.
        logicalType: string
        physicalType: varchar(152)
"""


def name_of(number: int) -> str:
    return f"thing_{number:05d}"


def parent_of(number: int) -> int | None:
    return number - number % FAMILY if number % FAMILY else None


def write(folder: Path, contracts: int, partitions: int) -> None:
    """The contracts, and their plans where there is more than one partition."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(contracts):
        name = name_of(number)
        (folder / f"{name}.odcs.yaml").write_text(contract(number, partitions))
        if partitions > 1:
            (folder / f"{name}.partitions.json").write_text(_plan(name, partitions))


def contract(number: int, partitions: int) -> str:
    parent = parent_of(number)
    return "".join(
        [
            _HEAD.format(
                name=name_of(number),
                domain=number % 20,
                partitions="      partitions: {by: key, rows: 5, column: id}\n" if partitions > 1 else "",
                relationship=""
                if parent is None
                else f"        relationships:\n          - {{to: {name_of(parent)}.id}}\n",
            ),
            *(_MAPPED.format(at=at) for at in range(3)),
            *(_RULED.format(at=at) for at in range(6)),
            *(_PLAIN.format(at=at) for at in range(3, 12)),
        ]
    )


def _plan(name: str, partitions: int) -> str:
    """Ranges of five rows each; the last partition has what no range means."""
    bounds = [1 + 5 * at for at in range(max(1, partitions - 1))]
    plan = {
        "contract": name,
        "by": "key",
        "column": "id",
        "planned_at": "2026-01-01T00:00:00Z",
        "rows": 5,
        "type": "integer",
        "width": max(4, len(str(partitions))),
        "bounds": bounds,
    }
    return json.dumps(plan)
