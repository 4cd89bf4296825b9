"""Bad days on demand: each fault strikes requests or packages whose method, path or file match, so many times."""

import re
import threading
from dataclasses import dataclass, field


@dataclass
class Fault:
    """
    cut before     the connection is lost before anything is done
    cut after      it is done, and the answer is lost
    403, 5xx, 429  that status, nothing is done; 429 says to come back after `seconds`
    html           200 with a page for people, as from something in between; nothing is done
    expire         the permission to upload a file is over, until one is asked for anew
    flip           the file that a package is made of differs in one byte
    fail           synchronisation fails
    stuck          synchronisation never ends
    quarantine     a policy keeps the package from everybody once it is synchronised
    """

    action: str
    #: `POST /files/`; of flip, fail and stuck: the file's name
    match: str = ""
    times: int = 1
    seconds: int = 1
    done: int = 0


@dataclass
class Faults:
    those: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, action: str, match: str = "", times: int = 1, seconds: int = 1) -> Fault:
        self.those.append(Fault(action, match, times, seconds))
        return self.those[-1]

    def due(self, what: str, actions: frozenset[str]) -> Fault | None:
        with self._lock:
            for fault in self.those:
                if fault.action in actions and fault.done < fault.times and re.search(fault.match, what):
                    fault.done += 1
                    return fault
        return None


OF_REQUESTS = frozenset({"cut before", "cut after", "402", "403", "500", "503", "429", "html", "expire"})
OF_PACKAGES = frozenset({"flip", "fail", "stuck", "quarantine"})
