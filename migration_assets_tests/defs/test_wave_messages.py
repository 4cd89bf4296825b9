"""The sensor `waves` takes messages of a queue (moto, over HTTP) before it looks at the wave files."""

from pathlib import Path

import dagster as dg
import pytest

from migration_assets.control.wave_attempts import Attempt
from migration_assets.waves.document import parsed
from migration_assets_tests.waves.messages.post import Post, post

ONE = "name: one\ncontracts: [customers]\n"


@pytest.fixture
def queue(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Post:
    made = post(s3_server, tmp_path)
    for name, value in {**made.environment, "MIGRATION_WAVES": str(tmp_path / "waves")}.items():
        monkeypatch.setenv(name, value)
    # the contracts are those of the definitions, wherever their files lie
    monkeypatch.delenv("MIGRATION_CONTRACTS")
    return made


def ticked(definitions: dg.Definitions, instance: dg.DagsterInstance) -> dg.SensorResult:
    (sensor,) = (each for each in definitions.sensors or () if each.name == "waves")
    assert isinstance(sensor, dg.SensorDefinition)
    result = sensor(dg.build_sensor_context(instance=instance))
    assert isinstance(result, dg.SensorResult)
    return result


def test_a_message_is_planned_in_the_very_tick_in_which_it_is_taken_and_once(
    definitions: dg.Definitions, instance: dg.DagsterInstance, queue: Post
) -> None:
    for body in (ONE, ONE, "name: [", ONE):
        queue.send(body)

    (request,) = ticked(definitions, instance).run_requests or ()
    assert request.run_key == Attempt(parsed(ONE.encode(), ""), 1).id

    queue.send(ONE)
    assert [each.run_key for each in ticked(definitions, instance).run_requests or ()] == [request.run_key]
    assert queue.left() == 0
    assert [letter.body for letter in queue.letters()] == ["name: ["]


def test_a_queue_that_cannot_be_asked_keeps_no_wave_file_waiting(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    queue: Post,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "waves").mkdir()
    (tmp_path / "waves" / "one.yaml").write_text(ONE)
    monkeypatch.setenv("MIGRATION_WAVE_QUEUE", f"{queue.url}-gone")

    assert len(ticked(definitions, instance).run_requests or ()) == 1
