"""What leads to a queue, by its URL and by the environment."""

import pytest

from migration_assets.errors import ConnectionRefused
from migration_assets.waves.messages.queue import led_by

OWN = "MIGRATION_WAVE_QUEUE_ENDPOINT_URL"


@pytest.mark.parametrize(
    ("url", "server", "region"),
    [
        (
            "https://sqs.eu-central-1.amazonaws.com/1/w",
            "https://sqs.eu-central-1.amazonaws.com",
            "eu-central-1",
        ),
        (
            "https://sqs-fips.us-east-2.amazonaws.com/1/w",
            "https://sqs-fips.us-east-2.amazonaws.com",
            "us-east-2",
        ),
        (
            "https://sqs.cn-north-1.amazonaws.com.cn/1/w",
            "https://sqs.cn-north-1.amazonaws.com.cn",
            "cn-north-1",
        ),
        ("https://eu-west-1.queue.amazonaws.com/1/w", "https://eu-west-1.queue.amazonaws.com", "eu-west-1"),
        (
            "https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/1/w",
            "https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com",
            "eu-west-1",
        ),
        ("http://127.0.0.1:5000/1/w", "http://127.0.0.1:5000", "of-the-environment"),
    ],
)
def test_server_and_region_come_from_the_url(url: str, server: str, region: str) -> None:
    led = led_by(url, {"AWS_REGION": "of-the-environment"}, "MIGRATION_WAVE_QUEUE")

    assert (led[OWN], led["AWS_REGION"]) == (server, region)


@pytest.mark.parametrize("variable", [OWN, "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL"])
def test_a_server_that_the_environment_names_goes_before_the_urls(variable: str) -> None:
    said = {variable: "http://127.0.0.1:1"}
    led = led_by("https://sqs.eu-central-1.amazonaws.com/1/w", said, "MIGRATION_WAVE_QUEUE")

    assert {name: value for name, value in led.items() if name in (OWN, variable)} == said


@pytest.mark.parametrize(
    "url",
    [
        "",
        "waves",
        "arn:aws:sqs:eu:1:w",
        "https://host",
        "https://host/",
        "ftp://host/1/w",
        "https://u:p@h/w",
        "http://[/w",
    ],
)
def test_what_is_no_url_of_a_queue_is_named_without_being_shown(url: str) -> None:
    with pytest.raises(ConnectionRefused, match="MIGRATION_WAVE_QUEUE is not the URL of a queue") as refused:
        led_by(url, {}, "MIGRATION_WAVE_QUEUE")

    assert "u:p" not in str(refused.value)
