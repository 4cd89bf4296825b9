"""Decisions in, what came of them out: sent by several threads, proven as Cloudsmith synchronises them."""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from migration_assets.buckets.cloudsmith import clearing
from migration_assets.buckets.cloudsmith.client import Client
from migration_assets.buckets.cloudsmith.listing import Listed, pages
from migration_assets.buckets.cloudsmith.sending import Sender
from migration_assets.buckets.cloudsmith.settling import Sent, Verdict, Waiting
from migration_assets.buckets.cloudsmith.together import Together, together
from migration_assets.buckets.deciding import SKIP_EQUAL
from migration_assets.buckets.model import Decision, Moved
from migration_assets.errors import ConnectionRefused, MigrationError
from migration_assets.stores.trying import in_words

#: how often a package is made anew that was not what was sent, or was not synchronised
ANEW = 2
#: packages that may wait before no more are sent
MOST_WAITING = 5000

_REASONS: dict[Verdict, str] = {
    "differs": "What Cloudsmith made of it is not what was sent (digests differ); it was deleted there. "
    "Run `migrate run` again.",
    "taken": "The repository has another package of this name and version. Say `conflict: overwrite`, or "
    "delete it there.",
    "quarantined": "A policy of the workspace has put it into quarantine: nobody can download it. Release "
    "it there, or change the policy; then run `migrate run` again.",
    "failed": "Cloudsmith could not synchronise it, and it was deleted there. Look whether its format is "
    "right, or say another in the contract's `package`.",
    "gone": "Somebody deleted it while it was synchronised. Run `migrate run` again.",
    "waits": "Cloudsmith has not synchronised it in half an hour. Run `migrate run` again later.",
}
_SAME = "The same package came there meanwhile. Run `migrate run` again."


@dataclass
class Move:
    """One call of `move`."""

    client: Client
    sender: Sender
    workers: int
    waiting: Waiting = field(init=False)
    _flying: dict[Future[Sent], Together] = field(default_factory=dict)
    #: to be sent anew
    _again: list[Together] = field(default_factory=list)
    #: by target, what earlier packages of the same object came to
    _earlier: dict[str, Moved] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.waiting = Waiting(self.client)

    def run(self, decisions: Iterable[Decision]) -> Iterator[Moved]:
        """Each once. ConnectionRefused where nothing can go on: key, plan, repository."""
        left = together(decisions)
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="package")
        self.client.budget.stop.clear()
        try:
            while self._fill(pool, left) or self.waiting.those or self._again:
                yield from self._arrived()
                if self.waiting.due(not self._flying) == 0.0:
                    yield from self._settled()
        finally:
            self.client.budget.stop.set()
            pool.shutdown(cancel_futures=True)
            self.client.budget.stop.clear()

    def _fill(self, pool: ThreadPoolExecutor, left: Iterator[Together]) -> bool:
        while len(self._flying) < 2 * self.workers and len(self.waiting.those) < MOST_WAITING:
            group = self._again.pop() if self._again else next(left, None)
            if group is None:
                break
            self._flying[pool.submit(self.sender.send, group)] = group
        return bool(self._flying)

    def _arrived(self) -> Iterator[Moved]:
        seconds = min(1.0, self.waiting.due(not self._flying))
        if not self._flying:
            self.client.budget.stop.wait(seconds)
            return
        done, _ = wait(self._flying, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in done:
            group = self._flying.pop(future)
            try:
                self.waiting.add(future.result())
            except ConnectionRefused:
                raise
            except MigrationError as error:
                reason, after = in_words(error), error.tried_after
                some = [Moved(each, "failed", reason, tried_after=after) for each in group]
                yield from self._final([self._with_earlier(each) for each in some])

    def _settled(self) -> Iterator[Moved]:
        found: list[tuple[Sent, Verdict, list[Moved]]] = [
            (sent, verdict, [self._with_earlier(_moved(each, listed, verdict)) for each in sent.all])
            for sent, listed, verdict in self.waiting.look()
        ]
        leftovers = {sent.slug for sent, verdict, some in found if _to_be_deleted(sent, verdict, some[0])}
        clearing.delete(self.client, leftovers)
        for sent, verdict, some in found:
            if sent.slug in leftovers and _anew(verdict, some[0]):
                self._earlier |= {each.decision.target: each for each in some}
                # what was there before is away already
                self._again.append(tuple(replace(each.decision, before=None) for each in sent.all))
            elif verdict == "taken" and (twin := self._twin(sent)):
                yield from self._final([_beside(each, twin) for each in some])
            else:
                yield from self._final(some)

    def _twin(self, sent: Sent) -> Listed | None:
        """The package that has the name, where it has the same bytes."""
        for each in next(pages(self.client, f"checksum:{sent.digests['sha256']}"), []):
            whole = each.done or each.quarantined
            if whole and each.slug != sent.slug and each.format == sent.format and sent.same(each):
                return each
        return None

    def _final(self, some: list[Moved]) -> Iterator[Moved]:
        """Where nothing came of a package, what it took the place of comes back."""
        kept = next((each.kept for each in some if each.state == "failed" and each.kept), "")
        lost = bool(kept) and bool(clearing.restore(self.client, [kept]))
        for each in some:
            self._earlier.pop(each.decision.target, None)
            reason = f"{each.reason} What it was to replace lies in the recycle bin." if lost else each.reason
            yield replace(each, reason=reason)

    def _with_earlier(self, moved: Moved) -> Moved:
        """With what earlier packages of the same object have cost."""
        earlier = self._earlier.get(moved.decision.target)
        if earlier is None:
            return moved
        return replace(
            moved,
            decision=earlier.decision,
            sent=earlier.sent + moved.sent,
            tried_after=(*earlier.tried_after, *moved.tried_after),
            kept=earlier.kept or moved.kept,
        )


def _beside(moved: Moved, twin: Listed) -> Moved:
    """What became of an object whose package another one stands in the way of, with the same bytes.

    quarantined    under the path that was decided    then
    yes            -                                  failed, and why
    no             yes                                failed: the next run sees it, and knows whose it is
    no             no: Cloudsmith renamed its file    skipped: it is there
    """
    target = moved.decision.target
    if twin.quarantined:
        return replace(moved, reason=_REASONS["quarantined"])
    if any(each.key == target for each in twin.theres):
        return replace(moved, reason=_SAME)
    return replace(moved, state="skipped", reason=SKIP_EQUAL, there=twin.file(target))


def _to_be_deleted(sent: Sent, verdict: Verdict, moved: Moved) -> bool:
    """What may yet be synchronised must not come beside what it was to replace. One that failed was never
    whole, and this key's user has made it: it is cleared away as those of dead runs are."""
    if verdict in ("failed", "taken"):
        return True
    return sent.surely_ours and (verdict == "differs" or (verdict == "waits" and bool(moved.kept)))


def _anew(verdict: Verdict, moved: Moved) -> bool:
    """`taken` by what was deleted to make room for it: a deletion takes its time."""
    worth = verdict in ("differs", "failed") or (verdict == "taken" and bool(moved.kept))
    return worth and _tries(moved) <= ANEW


def _moved(sent: Sent, listed: Listed | None, verdict: Verdict) -> Moved:
    done = verdict == "done"
    return Moved(
        sent.decision,
        "moved" if done else "failed",
        "" if done else _REASONS[verdict],
        sent.sent,
        listed.file(sent.decision.target) if listed and done else None,
        sent.digests["sha256"],
        "digest" if done else "",
        sent.kept,
        sent.tried_after if done else (*sent.tried_after, verdict),
        sent.dropped,
    )


def _tries(moved: Moved) -> int:
    return sum(cause in ("differs", "failed", "taken") for cause in moved.tried_after)
