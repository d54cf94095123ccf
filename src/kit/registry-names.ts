/** What registries take as names. Each answers what is wrong with one, or null. */

/** Code units; MLflow's columns hold 256 characters, and a ledger's name is longer than its model's. */
const MAX_NAME = 250;

const CONTROL = /[\p{Cc}\p{Cs}]/u;

/** What MLflow would not take either, and a leading dot. */
export function modelNameProblem(name: string): string | null {
  if (name === "") return "a model name cannot be empty";
  if (name.length > MAX_NAME) return `a model name has at most ${MAX_NAME} characters`;
  if (/[/:]/.test(name)) return "a model name cannot contain / or :";
  if (name.startsWith(".")) return "a model name cannot start with a dot";
  return CONTROL.test(name) ? "a model name cannot contain control characters" : null;
}

/** What a model's ledger of alias moves is called on MLflow. */
export const ledgerName = (model: string): string => `${model}~moves`;

/** On an MLflow server. */
export function serverModelNameProblem(name: string): string | null {
  const problem = modelNameProblem(name);
  if (problem !== null) return problem;
  if (name.trim() === "") return "a model name in MLflow has something else than spaces";
  return name.endsWith(ledgerName(""))
    ? "retrain keeps the alias moves of a model under its name with ~moves at the end"
    : null;
}

/** MLflow's rules: `latest` and `v` + digits mean something else in a model URI. */
export function aliasProblem(alias: string): string | null {
  if (!/^[\p{L}\p{N}_-]{1,255}$/u.test(alias)) return "an alias has 1 to 255 letters, digits, - or _";
  return /^(latest|v\d+)$/i.test(alias) ? "latest and v<number> are reserved" : null;
}

/** The name of a runbook, which its experiment on an MLflow server has. */
export function experimentNameProblem(name: string): string | null {
  if (name.length > MAX_NAME) return `a name has at most ${MAX_NAME} characters`;
  if (CONTROL.test(name)) return "a name cannot contain control characters";
  return null;
}

/** On an MLflow server. */
export const serverExperimentNameProblem = (name: string): string | null =>
  name.trim() === ""
    ? "the name of an MLflow experiment has something else than spaces"
    : experimentNameProblem(name);
