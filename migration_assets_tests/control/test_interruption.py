"""Who asks once is heard, who asks twice gets through."""

import os
import signal

import pytest

from migration_assets.control.interruption import asked_to_stop


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_asking_once_is_noted_and_asking_twice_interrupts(asked: signal.Signals) -> None:
    with asked_to_stop() as stopping:
        assert not stopping()
        os.kill(os.getpid(), asked)
        assert stopping()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), asked)


def test_afterwards_signals_mean_what_they_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with asked_to_stop():
        pass
    assert signal.getsignal(signal.SIGINT) is before
