"""Columns about people, by name and by value."""

import pytest

from migration_assets.analyzer.proposal.personal import judged

MAILS = tuple(f"person{n}@example.com" for n in range(10))
#: numbers that the networks publish for tests
CARDS = ("4111111111111111", "5500 0000 0000 0004", "3400-0000-0000-009", "6011000000000004")


@pytest.mark.parametrize(
    ("name", "type_", "values", "what"),
    [
        ("email", "text", MAILS, "e-mail address"),
        ("EmailAddress", "text", (), "e-mail address"),
        ("contact", "text", MAILS, "e-mail address"),
        ("phone", "text", ("+44 20 7946 0000",), "phone number"),
        ("HomePhone", "character varying(20)", (), "phone number"),
        ("first_name", "text", ("Ann",), "name"),
        ("LastName", "text", ("Jones",), "name"),
        ("cc_number", "text", (CARDS[0],), "card number"),
        ("reference", "text", ("4111111111111111",) * 3, "card number"),
        ("client_ip", "inet", (), "IP address"),
        ("host", "text", ("10.0.0.1", "10.0.0.2", "::1"), "IP address"),
        ("address_line_1", "text", (), "address"),
        ("postal_code", "text", (), "address"),
        ("birth_date", "date", (), "birthday"),
        ("password", "text", (), "secret"),
        ("ssn", "text", (), "national number"),
        ("gender", "text", (), "gender"),
    ],
)
def test_personal_data_is_found(name: str, type_: str, values: tuple[str, ...], what: str) -> None:
    found = judged(name, type_, values)
    assert found is not None
    assert (found.what, found.classification) == (what, "restricted")
    assert not any(value in found.evidence for value in values)


@pytest.mark.parametrize(
    ("name", "type_", "values"),
    [
        ("title", "text", ("Speed", "Heat", "Alien")),
        ("name", "text", ("Jazz", "Rock", "Pop")),
        ("order_no", "text", ("4111111111111112",) * 5),
        ("version", "text", ("1.2", "1.3", "1.4")),
        ("email", "boolean", ()),
        ("email_id", "integer", ("1", "2", "3")),
        ("created", "timestamp with time zone", ("2020-01-01 00:00:00+00",) * 3),
        ("address_id", "integer", ("1", "2")),
        ("shipped", "text", ("2020-01-01", "2020-01-02", "2020-01-03")),
        ("email", "text", ("yes", "no", "no", "yes")),
        ("quantity", "integer", ("123456789", "123456780", "123456781")),
    ],
)
def test_other_data_is_not_taken_for_it(name: str, type_: str, values: tuple[str, ...]) -> None:
    assert judged(name, type_, values) is None


def test_a_name_is_personal_in_a_table_of_people() -> None:
    assert judged("name", "text", (), "customers") is not None
    assert judged("name", "text", (), "products") is None


def test_the_evidence_counts_values_and_shows_none() -> None:
    found = judged("contact", "text", (*MAILS, "none"))
    assert found is not None
    assert found.evidence == "10 of 11 sampled values look like it"


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_has_its_check_digit(number: str) -> None:
    assert judged("x", "text", (number,) * 3) is not None
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert judged("x", "text", (wrong,) * 3) is None
