import { list, plural } from "./format.js";
import type { Style } from "./style.js";
import { visible, wrap } from "./text.js";

/** What `init` found and wrote, for people and programs. */
export interface InitReport {
  readonly data: string;
  readonly shape: "long" | "wide";
  readonly frequency: "month" | "quarter";
  readonly rows: number;
  readonly series: number;
  readonly first: string;
  readonly last: string;
  /** The latest quarter that the data holds whole. */
  readonly quarter: string;
  readonly columns: {
    readonly series: readonly string[] | null;
    readonly time: readonly string[];
    readonly target: string;
    readonly attributes: readonly string[];
    readonly known: readonly string[];
    readonly observed: readonly string[];
  };
  readonly horizon: number;
  /** Questions that were decided by their likeliest answer, by the flag that answers them. */
  readonly guessed: readonly {
    readonly flag: string;
    readonly answer: string;
    readonly candidates: readonly string[];
  }[];
  readonly files: readonly { readonly path: string; readonly why: "created" | "changed" | "kept" }[];
  /** What a quarter would stop for. */
  readonly problems: readonly {
    readonly check: string;
    readonly detail: string;
    readonly advice: string | null;
  }[];
  /** Commands to type, in their order. */
  readonly next: readonly string[];
}

export function initText(report: InitReport, { chalk, width }: Style): string {
  const { columns, shape, frequency, series, rows, first, last, horizon } = report;
  const each = frequency === "month" ? "monthly" : "quarterly";
  const facts: readonly (readonly [string, string])[] = [
    [
      "data",
      `${report.data}: ${each}, ${shape}, ${plural(series, "series", "series")}, ${plural(rows, "row")}, ${first} to ${last}`,
    ],
    ["time", columns.time.join(" + ")],
    ["series", columns.series === null ? "none: the table is one series" : columns.series.join(" + ")],
    ["target", columns.target],
    ...(["attributes", "known", "observed"] as const)
      .filter((role) => columns[role].length > 0)
      .map((role): [string, string] => [role, columns[role].join(", ")]),
    ["forecast", `${plural(horizon, frequency)} ahead`],
  ];
  const lines = [
    ...facts.map(([name, text]) => `${chalk.dim(name.padEnd(10))} ${visible(text)}`),
    ...report.guessed.map(
      ({ flag, answer, candidates }) =>
        `${chalk.yellow("!")} ${visible(`${flag} is ${answer}: a guess, of ${list(candidates.slice(0, 6))}; --${flag} says otherwise`)}`,
    ),
    "",
    ...report.files.map(({ path, why }) => `${chalk.green(why.padEnd(10))} ${visible(path)}`),
    ...(report.problems.length === 0
      ? []
      : [
          "",
          chalk.bold("The data has to be mended first; a quarter would stop at:"),
          ...report.problems.flatMap(({ check, detail, advice }) => [
            `${chalk.red("✘")} ${visible(`${check}: ${detail}`)}`,
            ...(advice === null ? [] : [`  ${visible(advice)}`]),
          ]),
        ]),
    "",
    chalk.bold("Next"),
    ...report.next.map((command) => `  ${chalk.cyan(command)}`),
  ];
  return `${lines.flatMap((line) => (line === "" ? [""] : wrapped(line, width))).join("\n")}\n`;
}

/** Commands are never broken. */
const wrapped = (line: string, width: number): readonly string[] => {
  if (line.startsWith("  ")) return [line];
  const [head, ...rest] = wrap(line, width);
  return [
    head ?? "",
    ...rest.flatMap((more) => wrap(more, Math.max(20, width - 11)).map((part) => `${" ".repeat(11)}${part}`)),
  ];
};
