-- Northwind as a team might have drawn it anew: other words, other types, parts left out and added.
CREATE SCHEMA modern;
CREATE TABLE modern.product_groups AS
    SELECT category_id::int AS id, category_name::text AS title, description AS long_text FROM categories;
CREATE TABLE modern.clients AS
    SELECT customer_id::text AS code, company_name::text AS company, contact_name::text AS person,
           contact_title::text AS person_role, address::text AS street, city::text AS town,
           region::text AS state_or_region, postal_code::text AS zip, country::text AS nation,
           phone::text AS tel, fax::text AS fax_no, now() AS imported_at
    FROM customers;
CREATE TABLE modern.staff AS
    SELECT employee_id::bigint AS staff_no, last_name::text AS surname, first_name::text AS given_name,
           title::text AS job_title, title_of_courtesy::text AS salutation, birth_date::timestamp AS born_on,
           hire_date::timestamp AS joined_on, address::text AS street, city::text AS town,
           postal_code::text AS zip, country::text AS nation, home_phone::text AS private_tel,
           extension::text AS ext, reports_to::bigint AS boss_no, notes AS remarks
    FROM employees;
CREATE TABLE modern.order_lines AS
    SELECT order_id::bigint AS order_no, product_id::bigint AS product_no, unit_price::numeric(10, 2) AS price,
           quantity::int AS qty, discount::numeric(4, 2) AS rebate
    FROM order_details;
CREATE TABLE modern.sales_orders AS
    SELECT order_id::bigint AS order_no, customer_id::text AS client_code, employee_id::bigint AS handled_by,
           order_date::timestamp AS ordered_on, required_date::timestamp AS due_on,
           shipped_date::timestamp AS dispatched_on, ship_via::bigint AS carrier_no,
           freight::numeric(10, 2) AS shipping_cost, ship_name::text AS recipient,
           ship_address::text AS recipient_street, ship_city::text AS recipient_town,
           ship_postal_code::text AS recipient_zip, ship_country::text AS recipient_nation
    FROM orders;
CREATE TABLE modern.articles AS
    SELECT product_id::bigint AS product_no, product_name::text AS name, supplier_id::bigint AS vendor_no,
           category_id::bigint AS group_id, quantity_per_unit::text AS packaging,
           unit_price::numeric(10, 2) AS list_price, units_in_stock::int AS stock,
           units_on_order::int AS on_order, reorder_level::int AS reorder_at, discontinued = 1 AS is_discontinued
    FROM products;
CREATE TABLE modern.sales_regions AS
    SELECT region_id::int AS id, trim(region_description) AS label FROM region;
CREATE TABLE modern.carriers AS
    SELECT shipper_id::bigint AS carrier_no, company_name::text AS name, phone::text AS tel FROM shippers;
CREATE TABLE modern.vendors AS
    SELECT supplier_id::bigint AS vendor_no, company_name::text AS company, contact_name::text AS person,
           contact_title::text AS person_role, address::text AS street, city::text AS town,
           region::text AS state_or_region, postal_code::text AS zip, country::text AS nation,
           phone::text AS tel, fax::text AS fax_no, homepage AS website
    FROM suppliers;
CREATE TABLE modern.districts AS
    SELECT territory_id::text AS code, trim(territory_description) AS label, region_id::int AS region_no
    FROM territories;
CREATE TABLE modern.staff_districts AS
    SELECT employee_id::bigint AS staff_no, territory_id::text AS district_code FROM employee_territories;
CREATE TABLE modern.federal_states AS
    SELECT state_id::int AS id, state_name::text AS label, state_abbr::text AS short, state_region::text AS area
    FROM us_states;
CREATE TABLE modern.audit_log (id bigint, happened_at timestamptz, actor text, detail jsonb);
