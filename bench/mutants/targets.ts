import type { Random } from "../../src/stats/random.js";
import { filesBelow } from "./workplace.js";

export const KINDS = ["runbook", "csv", "parquet", "snapshots", "state", "registry", "mlflow"] as const;
export type Kind = (typeof KINDS)[number];

/** Which project a kind works on: with nothing done yet, or after a promoted and an escalated quarter. */
export type Base = "fresh" | "fresh-parquet" | "used" | "used-mlflow";

export interface Target {
  readonly kind: Kind;
  readonly base: Base;
  /** Of a hundred mutants. */
  readonly share: number;
  /** Paths in the project that are changed; none where the answers of a server are. */
  files(project: string): readonly string[];
  readonly commands: readonly (readonly string[])[];
}

/** What makes the second quarter of a project escalate. */
export const ESCALATING = ["--set", "gate.rules.0.max=0"];

const WORDS = ["--by", "Ada", "--reason", "as a test"];
/** An approval may not run longer than 92 days. */
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const READING = [
  ["status"],
  ["status", "2025Q1"],
  ["runs"],
  ["runs", "--json"],
  ["report"],
  ["report", "--format", "junit"],
  ["escalation"],
  ["escalation", "--json"],
  ["escalation", "--rows"],
  ["models"],
  ["models", "--verify"],
  ["doctor"],
  ["plan", "2025Q2", ...ESCALATING],
  ["explain", "2025Q2", "gate", ...ESCALATING],
  ["clean", "--dry-run"],
  ["registry", "push", "--to", "file:elsewhere", "--dry-run"],
] as const;

const WRITING = [
  ["quarter", "2025Q2", ...ESCALATING],
  ["quarter", "2025Q2", ...ESCALATING, "--json"],
  ["quarter", "2025Q1"],
  ["resume"],
  ["approve", ...WORDS, "--expires", inDays(30), "--json"],
  ["reject", ...WORDS, "--json"],
  ["rollback", ...WORDS, "--json"],
  ["adopt", "1", ...WORDS, "--json"],
  ["clean"],
  ["registry", "push", "--to", "file:elsewhere"],
] as const;

const isOfRegistry = (path: string) => path.startsWith(".retrain/registry/");

export const TARGETS: readonly Target[] = [
  {
    kind: "runbook",
    base: "fresh",
    share: 30,
    files: () => ["runbook.yaml"],
    commands: [["check"], ["check"], ["plan", "2025Q2"]],
  },
  {
    kind: "csv",
    base: "fresh",
    share: 12,
    files: () => ["demand.csv"],
    commands: [["quarter", "2025Q2", "--until", "validate"]],
  },
  {
    kind: "parquet",
    base: "fresh-parquet",
    share: 12,
    files: () => ["demand.parquet"],
    commands: [["quarter", "2025Q2", "--until", "validate"]],
  },
  {
    kind: "snapshots",
    base: "fresh",
    share: 6,
    files: () => ["snapshots/2024Q4.csv"],
    commands: [["quarter", "2025Q1", "--until", "accuracy"]],
  },
  {
    kind: "state",
    base: "used",
    share: 20,
    files: (project) =>
      filesBelow(project).filter((path) => path.startsWith(".retrain/") && !isOfRegistry(path)),
    commands: [...READING, ...WRITING],
  },
  {
    kind: "registry",
    base: "used",
    share: 17,
    files: (project) => filesBelow(project).filter(isOfRegistry),
    commands: [...READING, ...WRITING],
  },
  {
    kind: "mlflow",
    base: "used-mlflow",
    share: 3,
    files: () => [],
    commands: [
      ["models"],
      ["doctor"],
      ["quarter", "2025Q2", ...ESCALATING],
      ["plan", "2025Q2", ...ESCALATING],
      ["reject", ...WORDS, "--json"],
      ["registry", "pull", "--to", "file:elsewhere"],
    ],
  },
];

/** By share, among those that can be had. */
export function drawTarget(targets: readonly Target[], random: Random): Target {
  let ticket = random.below(targets.reduce((sum, { share }) => sum + share, 0));
  for (const target of targets) {
    ticket -= target.share;
    if (ticket < 0) return target;
  }
  return targets[0]!;
}
