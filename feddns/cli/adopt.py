"""`feddns adopt`: take over names that others have written, without a change of any answer."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feddns.cli.agreement import Proposal, propose
from feddns.cli.configuration import read_configuration
from feddns.cli.options import Output, common_options, target_option, yes_option
from feddns.cli.plan import painted
from feddns.cli.targets import check_targets
from feddns.config.parse import Loaded
from feddns.errors import ProviderError
from feddns.handover.findings import Adoption
from feddns.handover.registry import Affixes
from feddns.handover.tell import adoption_lines, adoption_value
from feddns.plan.agenda import Terms

if TYPE_CHECKING:
    from feddns.controller.adopting import Wishes
    from feddns.controller.assemble import Federation
    from feddns.controller.targets import Target
    from feddns.controller.undertaking import Look


@click.command("adopt")
@common_options
@target_option
@click.option("--txt-prefix", default="", metavar="TEXT", help="ExternalDNS' option of this name, where it had it.")
@click.option("--txt-suffix", default="", metavar="TEXT", help="Likewise.")
@click.option("--txt-owner-id", default="", metavar="ID", help="Take over from the ExternalDNS of this id alone.")
@click.option("--allow-changes", is_flag=True, help="Adopt also where records or answers will become others.")
@yes_option
def command(config: str, output: Output, target: tuple[str, ...], *, yes: bool, **options: object) -> None:
    """Take over the federation's names from Kubernetes' cluster federation, KubeFed or ExternalDNS.

    It shows what is there, what it would write and what `feddns run` would do then, proves that every name resolves to
    the same before and after, and asks. The exit code is 1 where something stands in the way or the answer is no.
    """
    affixes = Affixes(str(options["txt_prefix"]), str(options["txt_suffix"]))
    if affixes.prefix and affixes.suffix:
        raise click.UsageError("--txt-prefix and --txt-suffix: ExternalDNS takes one of the two")
    loaded = read_configuration(config)
    check_targets(loaded, target)
    from feddns.controller.adopting import Wishes  # noqa: PLC0415 - what watches clusters, only when it is needed

    wishes = Wishes(affixes, str(options["txt_owner_id"]), allow_changes=bool(options["allow_changes"]))
    task = _Adopting(loaded, Path(config).parent, wishes)
    found = asyncio.run(task.survey(target))
    proposal = Proposal(
        found=found,
        value=adoption_value,
        text=lambda made: painted(adoption_lines(made)),
        question="Take the claim?",
        answer="",
        carry_out=lambda names: asyncio.run(task.carry_out({name: found[name] for name in names})),
        done="adopted",
    )
    propose(loaded, output, proposal, yes=yes)


@dataclass(frozen=True, slots=True)
class _Adopting:
    loaded: Loaded
    folder: Path
    wishes: "Wishes"

    async def survey(self, only: Collection[str]) -> dict[str, Adoption | ProviderError]:
        from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
        from feddns.controller import once, undertaking  # noqa: PLC0415 - likewise

        async with acting(self.loaded, self.folder, only=only) as federation:

            async def survey(target: "Target") -> Adoption:
                look = self._look(target, federation)
                return await undertaking.survey(target.provider, look, self.loaded.settings.write.deadline)

            return await once.each(federation.targets, survey)

    async def carry_out(self, shown: Mapping[str, Adoption | ProviderError]) -> dict[str, ProviderError | None]:
        """The clusters and the zones are looked at anew: a person has taken time to answer."""
        from feddns.cli.opening import acting  # noqa: PLC0415 - what watches clusters, only when it is needed
        from feddns.controller import once  # noqa: PLC0415 - likewise
        from feddns.controller.undertaking import Undertaking  # noqa: PLC0415 - likewise

        async with acting(self.loaded, self.folder, only=shown, told=True) as federation:

            async def carry_out(target: "Target") -> None:
                made = shown[target.name]
                if isinstance(made, Adoption):
                    look = self._look(target, federation)
                    deadline_s = self.loaded.settings.write.deadline
                    await Undertaking(target.provider, look, made, deadline_s).carry_out()

            return await once.each(federation.targets, carry_out)

    def _look(self, target: "Target", federation: "Federation") -> "Look[Adoption]":
        from feddns.controller.adopting import look_at  # noqa: PLC0415 - what watches clusters, only when it is needed

        settings = self.loaded.settings
        terms = Terms(target.policy.names, settings.owner, settings.budget.deletions)
        return look_at(target, federation.observatory, terms, self.wishes)
