"""A contract with one of everything, and its parent; what the tests change is marked by its text."""

#: the parent: as little as a contract can say
CUSTOMERS = """\
apiVersion: v3.2.0
kind: DataContract
id: customers
name: customers
version: 1.0.0
status: active
servers:
  - {server: legacy, type: mysql, host: old.example.com, port: 3306, database: crm}
  - {server: cloud, type: postgresql, host: new.example.com, port: 5432, database: shop, schema: sales}
customProperties:
  - {property: migration, value: {source: legacy, target: cloud}}
schema:
  - name: customers
    properties:
      - {name: id, logicalType: integer, primaryKey: true}
"""

ORDERS = """\
apiVersion: v3.2.0
kind: DataContract
id: orders
name: orders
# texts stay what was written: the version is no number, and neither is 010 below
version: 2.1.0
status: active
domain: Sales & Returns
tags: [wave_1]
description:
  purpose: What customers ordered.
  usage: Reports.
team:
  name: orders-team
  members:
    - {username: ada@example.com, role: owner}
    - {username: gone@example.com, dateOut: "2020-01-01"}
    - {username: plain_name}
servers:
  - server: legacy
    type: mysql
    host: old.example.com
    port: 3306
    database: crm
    # TLS of a connection that leaves the machine: verify-full, unless it is said here
    customProperties:
      - {property: migration, value: {tls: require}}
  - {server: cloud, type: postgresql, host: new.example.com, port: 5432, database: shop, schema: sales}
customProperties:
  - property: migration
    value:
      kind: table
      source: legacy
      target: cloud
      from: {table: crm.ORDERS, where: "DELETED = 0"}
      partitions: {by: month, column: CREATED, start: 2019-01-01, end: 2020-01-01}
      load: {mode: upsert}
      bad_rows: quarantine
      zero_dates: as_null
      priority: 10
      keep_generations: 5
      unique: [[code, customer]]
      indexes:
        - {columns: [customer]}
        - {columns: [created_at, code], unique: true}
      checks:
        dear_enough: price >= 0.01 AND code <> 'none'
schema:
  - name: orders
    physicalName: order
    physicalType: table
    description: One row for each order.
    tags: [money]
    quality:
      - name: Some Orders
        type: sql
        query: SELECT count(*) FROM sales."order"
        mustBeGreaterThan: 0.5
      - {type: text, description: Orders are good.}
      - {metric: rowCount, mustBeBetween: [1, 1000], severity: warning}
      - {metric: duplicateValues, arguments: {properties: [code, client]}, mustBe: 0}
    relationships:
      - from: [orders.customer]
        to: [customers.id]
    properties:
      - name: number
        physicalName: order_number
        logicalType: integer
        physicalType: int
        primaryKey: true
        primaryKeyPosition: 2
        transformSourceObjects: [crm.ORDERS.ORDER_NO]
        customProperties:
          - {property: migration, value: {identity: by default}}
      - name: code
        logicalType: string
        physicalType: varchar(10)
        primaryKey: true
        primaryKeyPosition: 1
        transformSourceObjects: ['ORDERS."CODE.OLD"']
        enum: [{value: 010}, {value: NO}, {value: 2019-01-01}, {value: 1.10}, {value: none}, {value: true}]
      - name: client
        physicalName: customer
        logicalType: integer
        required: true
        transformSourceObjects: [CUST]
        relationships:
          - {to: customers.id}
      - name: price
        logicalType: number
        physicalType: numeric(12,2)
        transformLogic: CENTS / 100
        logicalTypeOptions: {minimum: 0.05, maximum: 1000000}
        classification: internal
        customProperties:
          - {property: migration, value: {default: 1.50, check: price < 2000000}}
        quality:
          - {metric: nullValues, mustBeLessThan: 5, unit: percent}
      - name: created_at
        logicalType: timestamp
        logicalTypeOptions: {timezone: true}
        transformSourceObjects: [CREATED]
      - name: note
        logicalType: string
"""
