"""A process with all that it starts."""

import sys
from pathlib import Path

import pytest

from benchmark.measuring import TOO_LONG, Command, measured

BURN = "import time; t = time.process_time()\nwhile time.process_time() - t < 0.3: pass"


def test_the_time_of_its_children_counts(tmp_path: Path) -> None:
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"

    found = measured(Command([sys.executable, "-c", child]), tmp_path / "log", 60)

    assert found.exit_code == 0
    assert found.cpu >= 0.3
    assert found.seconds >= 0.3


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="no /proc")
def test_memory_is_that_of_the_process_and_not_of_whoever_started_it(tmp_path: Path) -> None:
    own = bytearray(300_000_000)

    small = measured(Command(["sleep", "0.2"]), tmp_path / "log", 60)
    large = measured(
        Command([sys.executable, "-c", "import time; b = b'x' * 100_000_000; time.sleep(0.3)"]),
        tmp_path / "log",
        60,
    )

    assert len(own) > (small.peak_mb or 0) * 1e6
    assert small.peak_mb is not None
    assert small.peak_mb < 30
    assert large.peak_mb is not None
    assert 100 < large.peak_mb < 150


def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    found = measured(Command(["sleep", "60"]), tmp_path / "log", 0.2)

    assert found.exit_code == TOO_LONG
    assert found.seconds < 30


def test_the_exit_code_and_the_output_are_kept(tmp_path: Path) -> None:
    found = measured(Command(["bash", "-c", 'echo "$WORD"; exit 3'], {"WORD": "said"}), tmp_path / "log", 60)

    assert found.exit_code == 3
    assert (tmp_path / "log").read_text() == "said\n"
