import {
  isPlan,
  planRollback,
  type RollbackOutcome,
  type RollbackPlan,
  rollBack,
} from "../../approval/rollback.js";
import { tidy } from "../../approval/words.js";
import { runsOfVersions } from "../../operations/decisions/pages.js";
import type { Commands } from "../../report/commands.js";
import type { Style } from "../../report/style.js";
import { sayOrAsk, sayUnchanged, whoAndWhy } from "../decide/ask.js";
import { openForPeople, type PersonOptions, speaking } from "../decide/open.js";
import { showOnPages } from "../decide/pages.js";
import { commandsOf, factsText, goldenText, saidText, versionText } from "../decide/text.js";
import { openTerminal } from "../terminal.js";

export interface RollbackOptions extends PersonOptions {
  readonly to?: string;
}

/** Moves the alias back to the version that was live before, or to another one that was live. */
export const rollback = (options: RollbackOptions): Promise<void> =>
  speaking(options, null, async () => {
    const terminal = openTerminal();
    const json = options.json ?? false;
    const wanted = whoAndWhy(options);
    const { runbook, registry, engine, earlier } = await openForPeople(options, [], terminal);
    const { name: model, alias } = runbook.model;
    const asked = { model, alias, to: options.to ?? null, earlier };
    const spoken =
      options.by === undefined || options.reason === undefined
        ? null
        : { by: tidy(options.by), reason: terminal.mask(tidy(options.reason)) };
    const plan = await planRollback(registry, asked, spoken);
    const said = await sayOrAsk(terminal, wanted, {
      shown: () => (isPlan(plan) ? planText(plan) : ""),
      confirm: isPlan(plan) ? `Put version ${plan.target.version} live?` : "",
      json,
      typed: ["rollback", ...(options.to === undefined ? [] : ["--to", options.to])],
    });
    if (said === null) return sayUnchanged(terminal);
    const [by, reason] = said.map(tidy) as [string, string];
    const outcome = isPlan(plan)
      ? await rollBack(registry, plan, { by, reason: terminal.mask(reason) })
      : plan;
    const { live, version } = outcome.record;
    const runs = await runsOfVersions(registry, model, [live, version]);
    await showOnPages(terminal, { registry, engine, model, alias, runs });
    terminal.show(json, documentOf(outcome), (style) => rollbackText(outcome, commandsOf(options), style));
  });

const planText = ({ model, alias, from, target }: RollbackPlan): string =>
  `${model}@${alias} names ${versionText(from)}; version ${target.version} was live before.\n\n`;

const documentOf = ({ outcome, record, golden }: RollbackOutcome) => ({
  outcome,
  model: record.model,
  alias: record.alias,
  from: record.live,
  to: record.version,
  golden,
  record,
});

function rollbackText(
  { outcome, record, golden }: RollbackOutcome,
  commands: Commands,
  style: Style,
): string {
  const { model, alias, version, live } = record;
  const isNew = outcome === "rolled-back";
  const headline = isNew
    ? `Rolled back: ${model}@${alias} names version ${version} now, ${versionText(live)} before`
    : `Already rolled back: ${model}@${alias} names version ${version}, ${versionText(live)} before`;
  const last = isNew
    ? (["checked", goldenText(golden)] as const)
    : (["next", `to go back further, name the version: ${commands.rollback()} --to VERSION`] as const);
  return factsText(headline, [["by", saidText(record)], last], style);
}
