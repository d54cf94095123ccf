import { expect } from "vitest";
import { approve } from "../../../src/approval/approve.js";
import { isPlan, planRollback, rollBack } from "../../../src/approval/rollback.js";
import { findSubject } from "../../../src/approval/subject.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { RUN_TAGS } from "../../../src/history/run-tags.js";
import { adopt } from "../../../src/operations/adopt/adopt.js";
import { planAdoption } from "../../../src/operations/adopt/plan.js";
import { transfer } from "../../../src/registry/transfer/transfer.js";
import { buildEscalation } from "../../../src/report/escalation/build.js";
import { NO_NAMES } from "../../../src/report/series-names.js";
import { type Ended, type Project, runSmallQuarter } from "../../support/small-quarters.js";

/** A kind of command on the page of an escalated run that leads on. */
export type Kind =
  | "restore"
  | "remake"
  | "push"
  | "rollback"
  | "adopt VERSION"
  | "adopt the live one"
  | "adopt --none"
  | "approve";

export interface Way {
  readonly kind: Kind;
  /** What the command names: a version, a quarter, or nothing. */
  readonly what: string | null;
}

/** An escalated quarter, before anybody has answered. */
export interface Situation {
  readonly project: Project;
  readonly quarter: string;
  readonly ended: Ended;
  /** Puts back what was done to the world, and answers the project to go on with; absent where nobody could. */
  readonly undo?: (() => Promise<Project> | Project) | undefined;
  /** The project as it was before, with the registry that it had. */
  readonly before: Project;
}

/** Commands that show something, or that are for other reasons to escalate. */
const OTHERS = /^(report|escalation|models|reject)\b|^quarter .* --(from|dry-run)\b/;

/** What the page says leads on, in its order. */
export function waysOf({ ended, quarter, project }: Situation): Way[] {
  const { next } = buildEscalation({
    run: `${quarter}-1`,
    dryRun: false,
    decision: ended.decision!,
    promotion: ended.promotion!,
    accuracy: null,
    checkpoints: null,
    validation: null,
    training: null,
    names: NO_NAMES,
    diagnosis: null,
    steps: [{ id: "gate", type: "gate" }],
    owner: null,
    deadline: null,
    registry: "NEW",
    runbook: "runbook.yaml",
    files: [],
    flags: { runbook: null, stateDir: null, overrides: [], dryRun: false },
  });
  return next
    .map(({ command }) => command.replace(/^retrain /, ""))
    .filter((command) => !OTHERS.test(command))
    .map((command) => wayOf(command, quarter, ended.promotion!.before, project));
}

function wayOf(command: string, quarter: string, live: string | null, { model }: Project): Way {
  const [verb, first, , third] = command.split(" ") as [string, string, ...string[]];
  switch (verb) {
    case "quarter":
      return first === quarter ? { kind: "restore", what: null } : { kind: "remake", what: first };
    case "registry":
      return { kind: "push", what: third! };
    case "rollback":
      return { kind: "rollback", what: first === "--to" ? command.split(" ")[2]! : null };
    case "adopt":
      if (first === "--none") return { kind: "adopt --none", what: null };
      return first === "VERSION"
        ? { kind: "adopt VERSION", what: null }
        : { kind: first === live ? "adopt the live one" : "adopt VERSION", what: first };
    case "approve":
      return { kind: "approve", what: null };
    default:
      throw new Error(`the page of ${model} offers what no test types: ${command}`);
  }
}

/** Words of a person, and what nobody but them may say. */
const words = { by: "Ada", reason: "it is lost" };
const ANYBODY = { approvers: [], required: 1 } as const;
const now = () => new Date().toISOString();
const today = () => now().slice(0, 10);

/** Does what a person types; answers the project to go on with. */
export async function type({ kind, what }: Way, situation: Situation): Promise<Project> {
  const { project, ended, undo, before } = situation;
  const registry = await project.registry();
  const { model, alias } = project;
  const adopting = async (version: string | null) => {
    const plan = await planAdoption(registry, { model, alias, version });
    if ("adopted" in plan) throw new Error("it was adopted before");
    const { outcome } = await adopt(registry, plan, ANYBODY, { ...words, expires: today() }, now());
    expect(outcome).toBe(version === null ? "left-behind" : "adopted");
  };
  switch (kind) {
    case "restore":
      return undo!();
    case "remake":
      expect((await runSmallQuarter(project, what!)).failure).toBeNull();
      return project;
    case "push": {
      const tools = { files: nodeFiles(), versionTag: RUN_TAGS.version, onProgress: () => undefined };
      const from = await before.registry();
      const asked = { model, versions: null, aliases: null };
      const { aliases } = await transfer(from, registry, asked, tools);
      expect(aliases.find((one) => one.alias === alias)).toMatchObject({ outcome: "moved" });
      return project;
    }
    case "rollback": {
      const plan = await planRollback(registry, { model, alias, to: what }, words);
      if (!isPlan(plan)) throw new Error("it was rolled back before");
      expect(await rollBack(registry, plan, words)).toMatchObject({ outcome: "rolled-back" });
      return project;
    }
    case "adopt VERSION":
    case "adopt the live one":
      await adopting(what ?? ended.promotion!.candidate);
      return project;
    case "adopt --none":
      await adopting(null);
      return project;
    case "approve": {
      const asked = { action: "approve", model, run: null, decision: ended.decision!.digest } as const;
      const subject = await findSubject(registry, asked);
      const done = await approve(registry, subject!, ANYBODY, { ...words, expires: today() }, now());
      expect(done).toMatchObject({ outcome: "approved", live: ended.promotion!.candidate });
      return project;
    }
  }
}
