import { expiryProblem, lastDay, tidy } from "../../approval/words.js";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import type { ApprovalPolicy } from "../../kit/specs.js";
import { type AdoptionOutcome, adoptionOf, adopt as adoptPlanned } from "../../operations/adopt/adopt.js";
import { type AdoptionAsked, type AdoptionPlan, planAdoption } from "../../operations/adopt/plan.js";
import { adoptionRuns } from "../../operations/decisions/pages.js";
import type { Commands } from "../../report/commands.js";
import { plural } from "../../report/format.js";
import type { Style } from "../../report/style.js";
import { systemClock } from "../adapters.js";
import { sayOrAsk, sayUnchanged, whoAndWhy } from "../decide/ask.js";
import { openForPeople, type PersonOptions, speaking } from "../decide/open.js";
import { showOnPages } from "../decide/pages.js";
import { commandsOf, factsText, goldenText, saidText, versionText } from "../decide/text.js";
import { openTerminal } from "../terminal.js";

export interface AdoptOptions extends PersonOptions {
  readonly none?: boolean;
  readonly expires?: string;
}

/** Names a version as the baseline where what was live is gone, or says that there is none. */
export const adopt = (version: string | undefined, options: AdoptOptions): Promise<void> =>
  speaking(options, null, async () => {
    const wanted = versionAsked(version, options.none ?? false);
    const terminal = openTerminal();
    const json = options.json ?? false;
    const now = systemClock.now();
    const today = now.slice(0, 10);
    const expires = options.expires?.trim() ?? lastDay(today);
    const wrong = expiryProblem(expires, today);
    if (wrong !== null) usage(`--expires: ${wrong}`, null);
    const { runbook, registry, engine, earlier } = await openForPeople(options, [], terminal);
    const { name: model, alias } = runbook.model;
    const policy = runbook.escalation.approvals;
    const asked = { model, alias, version: wanted, earlier };
    const tell = async (outcome: AdoptionOutcome) => {
      const shown = await adoptionRuns(registry, model, outcome.live);
      await showOnPages(terminal, { registry, engine, model, alias, runs: shown });
      terminal.show(json, documentOf(asked, policy, outcome), (style) =>
        adoptionText(asked, policy, outcome, commandsOf(options), style),
      );
    };
    const plan = await planAdoption(registry, asked);
    if ("adopted" in plan) return tell(await adoptionOf(registry, asked, plan.adopted));
    const said = await sayOrAsk(terminal, whoAndWhy(options), {
      shown: () => planText(plan),
      confirm: wanted === null ? "Leave it behind?" : `Put version ${wanted} live?`,
      json,
      typed: ["adopt", wanted ?? "--none"],
    });
    if (said === null) return sayUnchanged(terminal);
    const [by, reason] = said.map(tidy) as [string, string];
    const words = { by, reason: terminal.mask(reason), expires };
    await tell(await adoptPlanned(registry, plan, policy, words, now));
  });

function versionAsked(version: string | undefined, isNone: boolean): string | null {
  if ((version === undefined) !== isNone)
    usage(
      version === undefined
        ? "a version to adopt, or --none, is missing"
        : "a version and --none exclude each other",
      `${programName()} adopt VERSION --by NAME --reason TEXT`,
    );
  return version ?? null;
}

const usage = (message: string, next: string | null): never =>
  fail({ code: "usage.invalid", retryable: false, message, next });

const planText = ({ model, alias, named, version, isTrailDamaged }: AdoptionPlan): string =>
  `${model}@${alias} ${
    isTrailDamaged
      ? "has a damaged record of moves"
      : named === null
        ? "names no version"
        : `names version ${named}, ${named === version ? "and the record of how it went live is not whole" : "which is not there"}`
  }. ${version === null ? "Whatever was live is left behind: the next quarter is a first release." : `Version ${version} becomes what the next quarter is compared with.`}\n\n`;

const documentOf = (
  { model, alias, version }: AdoptionAsked,
  { required }: ApprovalPolicy,
  { outcome, records, live, golden }: AdoptionOutcome,
) => ({ outcome, model, alias, version, live, required, records, golden });

function adoptionText(
  { model, alias, version }: AdoptionAsked,
  { required }: ApprovalPolicy,
  { outcome, records, live, golden }: AdoptionOutcome,
  commands: Commands,
  style: Style,
): string {
  const address = `${model}@${alias}`;
  const lacking = required - new Set(records.map(({ by }) => by)).size;
  const isDone = version === null ? lacking <= 0 : live === version;
  const wait = `${plural(lacking, "more person")} must say so too`;
  const done = {
    adopted: `Adopted: ${address} names version ${version} now`,
    "left-behind": `Left behind: the next quarter is the first release of ${address}`,
    waiting: `Recorded: ${wait}`,
    already: isDone
      ? version === null
        ? `Already left behind: the next quarter is the first release of ${address}`
        : `Already adopted: ${address} names version ${version}`
      : `Already recorded: ${wait}`,
  }[outcome];
  return factsText(
    done,
    [
      ...records.map((record) => ["by", saidText(record)] as const),
      ...(outcome === "adopted" ? [["checked", goldenText(golden)] as const] : []),
      ["live", versionText(live)],
      ["next", isDone ? commands.models() : commands.adopt(version)],
    ],
    style,
  );
}
