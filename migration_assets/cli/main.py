"""The command tree."""

import click

from migration_assets.cli.certificate import certificate
from migration_assets.cli.check import check
from migration_assets.cli.contracts import contracts
from migration_assets.cli.demo import demo
from migration_assets.cli.discover import discover
from migration_assets.cli.limits import limits
from migration_assets.cli.match import match
from migration_assets.cli.plan import plan
from migration_assets.cli.profile import profile
from migration_assets.cli.rollback import rollback
from migration_assets.cli.run import run
from migration_assets.cli.status import status
from migration_assets.cli.verify import verify
from migration_assets.cli.wave import wave


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="migration-assets")
def main() -> None:
    """Moves a company's data out of its old systems and proves that nothing was lost.

    Exit codes: 0 done and verified, 1 a finding, 2 the command or a contract is wrong.
    """


COMMANDS = (
    discover,
    profile,
    match,
    contracts,
    check,
    plan,
    run,
    rollback,
    limits,
    status,
    verify,
    certificate,
    wave,
    demo,
)
for command in COMMANDS:
    main.add_command(command)
