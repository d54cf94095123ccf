import { existsSync } from "node:fs";
import { earlierRuns } from "../../engine/earlier-runs.js";
import { isExpired, listApprovals, openOverrides } from "../../history/approvals.js";
import { knownVersion, movesOf } from "../../history/model-moves.js";
import { trailDamage } from "../../history/trail-marks.js";
import type { Approval } from "../../kit/artifacts/approval.js";
import { COPY_TAGS } from "../../kit/copied.js";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import type { AliasMove, ModelVersion } from "../../kit/registry.js";
import { damageLine, damagesOf, inThatRole } from "../../kit/soundness.js";
import { stateOfRunbook } from "../../operations/state/find.js";
import { plural } from "../../report/format.js";
import type { Style } from "../../report/style.js";
import { textTable } from "../../report/table.js";
import { systemClock } from "../adapters.js";
import { requireRunbook } from "../require-runbook.js";
import { openRuns, registryOf } from "../setup.js";
import { openTerminal } from "../terminal.js";

export async function models(options: {
  runbook: string;
  stateDir?: string;
  set: readonly string[];
  json?: boolean;
  /** Reads the files of every version, not only of those that an alias names. */
  verify?: boolean;
}): Promise<void> {
  const terminal = openTerminal();
  if (!existsSync(options.runbook)) {
    fail({
      code: "usage.invalid",
      retryable: false,
      message: `there is no ${options.runbook} to say which model and registry are meant`,
      next: `${programName()} models --runbook FILE`,
    });
  }
  const { runbook, path } = await requireRunbook(options.runbook, options.set, terminal);
  const { state } = stateOfRunbook(options, { path, model: runbook.model.name });
  const registry = await registryOf(runbook.registryUri, state, runbook.folder, undefined, runbook.name);
  const name = runbook.model.name;
  const [versions, history] = [await registry.listVersions(name), await movesOf(registry, name)];
  const approvals = await listApprovals(registry, name);
  const { alias } = runbook.model;
  const live = await registry.getAlias(name, alias);
  const served = versions.find(({ version }) => version === live);
  const overrides =
    served === undefined ? [] : openOverrides(approvals, history, { alias, version: knownVersion(served) });
  const aliases = await currentAliases(history, (alias) => registry.getAlias(name, alias));
  const wanted = options.verify ? versions.map(({ version }) => version) : [...new Set(aliases.values())];
  const damaged = (await damagesOf(registry, name, wanted)).map((damage) =>
    damage.version === live ? inThatRole(damage, "champion") : damage,
  );
  const earlier = await earlierRuns(openRuns(state), { runbook: { path, name: runbook.name } });
  const cut = await trailDamage(registry, name, earlier);
  if (options.json) {
    const document = {
      name,
      registry: registry.uri,
      aliases: Object.fromEntries(aliases),
      versions,
      history,
      approvals,
      /** Those by which the version that is live came to be live. */
      overrides,
      /** Of the versions that an alias names, or with --verify of all. */
      damaged: damaged.map(({ version, role, files }) => ({ version, role, files })),
    };
    terminal.document(document);
  } else if (versions.length === 0) {
    terminal.talk(`${name} has no version in ${registry.uri} yet.\n`);
  } else {
    terminal.data(modelsText(name, versions, history, aliases, terminal.dataStyle));
    if (approvals.length > 0) terminal.data(approvalsText(approvals, overrides, terminal.dataStyle));
    for (const damage of damaged) terminal.talk(`! ${damageLine(damage)}\n`);
    if (cut !== null) terminal.talk(`! ${damageLine(cut)}\n`);
    if (damaged.length === 0 && options.verify)
      terminal.talk(`Every file of ${plural(versions.length, "version")} is as it was registered.\n`);
  }
  const [first] = damaged;
  if (first !== undefined) fail(first);
  if (cut !== null) fail(cut);
}

/** What people decided, and which of it stands: an approval that was never carried out is one of two, or came too late. */
function approvalsText(approvals: readonly Approval[], overrides: readonly Approval[], style: Style): string {
  const columns = ["when", "what", "version", "by", "until", "overrides", "why"];
  const standing = new Set(overrides.map(({ id }) => id));
  const today = systemClock.now().slice(0, 10);
  const rows = approvals.map((record) => [
    record.at.slice(0, 16).replace("T", " "),
    record.kind,
    record.version,
    record.by,
    record.expires === null ? "" : `${record.expires}${isExpired(record, today) ? " (expired)" : ""}`,
    `${record.overrides.join(", ")}${standing.has(record.id) ? " (live)" : ""}`,
    record.reason,
  ]);
  const table = textTable(
    columns.map((label) => ({ label, numeric: false })),
    rows,
    style,
  );
  return `\n${style.chalk.bold("Decisions of people")}\n${table}\n`;
}

async function currentAliases(
  history: readonly AliasMove[],
  get: (alias: string) => Promise<string | null>,
): Promise<Map<string, string>> {
  const aliases = new Map<string, string>();
  for (const alias of [...new Set(history.map((move) => move.alias))].sort()) {
    const version = await get(alias);
    if (version !== null) aliases.set(alias, version);
  }
  return aliases;
}

function modelsText(
  name: string,
  versions: readonly ModelVersion[],
  history: readonly AliasMove[],
  aliases: ReadonlyMap<string, string>,
  style: Style,
): string {
  const text = (labels: readonly string[]) => labels.map((label) => ({ label, numeric: false }));
  const time = (iso: string) => iso.slice(0, 16).replace("T", " ");
  const named = (version: string) => [...aliases].filter(([, to]) => to === version).map(([alias]) => alias);
  // Only where some come from another registry.
  const origins = versions.some((v) => COPY_TAGS.origin in v.tags) ? ["copy of"] : [];
  const versionRows = versions.map((v) => [
    v.version,
    named(v.version).join(", "),
    v.tags["retrain.quarter"] ?? "",
    v.status,
    time(v.createdAt),
    (v.digest ?? "").slice(0, 19),
    v.tags[COPY_TAGS.origin] ?? "",
  ]);
  const moveRows = history.map((m) => [time(m.at), m.alias, `${m.from ?? "none"} → ${m.to}`, m.by, m.reason]);
  return `${style.chalk.bold(name)}\n${textTable(text(["version", "alias", "quarter", "status", "made", "digest", ...origins]), versionRows, style)}\n\n${style.chalk.bold("Alias moves")}\n${textTable(text(["when", "alias", "move", "by", "why"]), moveRows, style)}\n`;
}
