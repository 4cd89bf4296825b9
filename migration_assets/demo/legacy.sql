-- The shop as an old system would hold it: library SHOPLIB, terse names in capitals, text dates,
-- amounts in cents, flags 'Y' and 'N', padded CHARs, values split over columns, no foreign keys.
-- Made from the tables of tpch.sql; the same SCALE gives the same rows.

DROP SCHEMA IF EXISTS "SHOPLIB" CASCADE;
CREATE SCHEMA "SHOPLIB";

CREATE TABLE "SHOPLIB"."REGNPF" ("REGNID" smallint NOT NULL, "REGNAM" char(25), "REGTXT" varchar(152));
INSERT INTO "SHOPLIB"."REGNPF" SELECT key, name, comment FROM region;

CREATE TABLE "SHOPLIB"."NATNPF" (
    "NATNID" smallint NOT NULL, "NATNAM" char(25), "REGNID" smallint, "NATTXT" varchar(152));
INSERT INTO "SHOPLIB"."NATNPF" SELECT key, name, region, comment FROM nation;

-- SPHCC and SPHNO: one telephone number, the country code apart
CREATE TABLE "SHOPLIB"."SUPPMAST" (
    "SUPPNO" integer NOT NULL, "SUPPNM" char(25), "SADDR1" char(20), "SADDR2" char(20), "NATNID" smallint,
    "SPHCC" char(2), "SPHNO" char(13), "SACBAL" bigint, "SCOMMT" varchar(101));
INSERT INTO "SHOPLIB"."SUPPMAST"
SELECT key, name, substr(address, 1, 20), substr(address, 21), nation, split_part(phone, '-', 1),
       substr(phone, 4), balance * 100, comment
FROM supplier;

-- CSINCE: '00000000' where nobody knows any more; DELFLG: deleted, and kept all the same
CREATE TABLE "SHOPLIB"."CUSTMAST" (
    "CUSTNO" integer NOT NULL, "CUSTNM" char(25), "CADDR1" char(20), "CADDR2" char(20), "NATNID" smallint,
    "CPHCC" char(2), "CPHNO" char(13), "CACBAL" bigint, "MKTSEG" varchar(10), "CSINCE" char(8),
    "ACTFLG" char(1), "DELFLG" char(1), "CCOMMT" varchar(117));
INSERT INTO "SHOPLIB"."CUSTMAST"
SELECT key, name, substr(address, 1, 20), substr(address, 21), nation, split_part(phone, '-', 1),
       substr(phone, 4), balance * 100, segment,
       CASE WHEN key % 50 = 25 THEN '00000000' ELSE to_char(date '1980-01-01' + key % 4000, 'YYYYMMDD') END,
       CASE WHEN key % 97 = 0 THEN 'N' ELSE 'Y' END, CASE WHEN key % 60 = 0 THEN 'Y' ELSE 'N' END, comment
FROM customer;

-- PTYPE is three words and CONTNR two; LASTCHG is empty where the row was never changed
CREATE TABLE "SHOPLIB"."PARTMAST" (
    "PARTNO" integer NOT NULL, "PARTNM" varchar(55), "MFGR" char(25), "BRAND" char(10), "PTYPE" varchar(25),
    "PSIZE" integer, "CONTNR" char(10), "RETPRC" bigint, "DISCFL" char(1), "LASTCHG" timestamp,
    "PCOMMT" varchar(23));
INSERT INTO "SHOPLIB"."PARTMAST"
SELECT key, name, manufacturer, brand, type, size, container, price * 100,
       CASE WHEN key % 83 = 0 THEN 'Y' ELSE 'N' END,
       CASE WHEN key % 400 <> 0
            THEN timestamp '2019-01-01' + key::bigint * 7919 % (6 * 365 * 1440) * interval '1 minute' END,
       comment
FROM part;

CREATE TABLE "SHOPLIB"."PRTSUP" (
    "PARTNO" integer NOT NULL, "SUPPNO" integer NOT NULL, "QTYOH" integer, "UNTCST" bigint,
    "COMMT" varchar(199));
INSERT INTO "SHOPLIB"."PRTSUP"
SELECT DISTINCT ON (part, supplier) part, supplier, available, cost * 100, comment
FROM partsupp
ORDER BY part, supplier, available, cost, comment; -- below scale 0.03 the generator may repeat a pair

-- ORDSTS: O open, F filled, P partly filled; ORDPRI: '1-URGENT' and so on
CREATE TABLE "SHOPLIB"."ORDHDR" (
    "ORDNO" bigint NOT NULL, "CUSTNO" integer, "ORDSTS" char(1), "ORDTOT" bigint, "ORDDAT" char(8),
    "ORDPRI" char(15), "CLERK" char(15), "SHPPRI" smallint, "COMMT" varchar(79));
INSERT INTO "SHOPLIB"."ORDHDR"
SELECT key, customer, status, total * 100, replace(ordered, '-', ''), priority, clerk, ship_priority, comment
FROM orders;

-- DISPCT and TAXPCT: whole percent; RTNFLG: R returned, A accepted, N not yet received
CREATE TABLE "SHOPLIB"."ORDLIN" (
    "ORDNO" bigint NOT NULL, "LINENO" smallint NOT NULL, "PARTNO" integer, "SUPPNO" integer,
    "QTY" numeric(5), "EXTPRC" bigint, "DISPCT" smallint, "TAXPCT" smallint, "RTNFLG" char(1),
    "LINSTS" char(1), "SHPDAT" char(8), "CMTDAT" char(8), "RCVDAT" char(8), "SHPINS" char(25),
    "SHPMOD" char(10), "COMMT" varchar(44));
INSERT INTO "SHOPLIB"."ORDLIN"
SELECT orders, number, part, supplier, quantity, price * 100, discount * 100, tax * 100, return_flag, status,
       replace(shipped, '-', ''), replace(committed, '-', ''), replace(received, '-', ''), instruction, mode,
       comment
FROM lineitem;

ALTER TABLE "SHOPLIB"."REGNPF" ADD PRIMARY KEY ("REGNID");
ALTER TABLE "SHOPLIB"."NATNPF" ADD PRIMARY KEY ("NATNID");
ALTER TABLE "SHOPLIB"."SUPPMAST" ADD PRIMARY KEY ("SUPPNO");
ALTER TABLE "SHOPLIB"."CUSTMAST" ADD PRIMARY KEY ("CUSTNO");
ALTER TABLE "SHOPLIB"."PARTMAST" ADD PRIMARY KEY ("PARTNO");
ALTER TABLE "SHOPLIB"."PRTSUP" ADD PRIMARY KEY ("PARTNO", "SUPPNO");
ALTER TABLE "SHOPLIB"."ORDHDR" ADD PRIMARY KEY ("ORDNO");
ALTER TABLE "SHOPLIB"."ORDLIN" ADD PRIMARY KEY ("ORDNO", "LINENO");
