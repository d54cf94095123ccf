import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkout } from "./checkout.js";
import { StartProblem, tail } from "./problem.js";
import { runProgram } from "./program.js";
import { mlflowPin, pinsOf, type RequirementsFile, requirementsPath } from "./requirements.js";

/** What the pinned packages need. */
const OLDEST_PYTHON = [3, 11] as const;

/** Parts of MLflow that an index may have later than MLflow itself. */
const PARTS = ["mlflow-skinny", "mlflow-tracing"] as const;

/** The virtual environment that `--venv`, MLFLOW_VENV or, without both, the checkout names. */
export const venvFolder = (asked?: string, env: NodeJS.ProcessEnv = process.env): string =>
  resolve(asked ?? (env.MLFLOW_VENV || join(checkout(), ".venv-mlflow")));

export const venvPython = (venv: string): string =>
  process.platform === "win32" ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");

export type Versions = Readonly<Record<string, string>>;

const VERSIONS_PROGRAM = `
import importlib.metadata as m, json, sys
found = {}
for name in sys.argv[1:]:
    try: found[name] = m.version(name)
    except m.PackageNotFoundError: pass
print(json.dumps(found))
`;

/** Versions of the packages that matter, without those that are missing; null when there is no Python that runs. */
export async function installedVersions(venv: string): Promise<Versions | null> {
  const names = [...pinsOf("requirements.txt").map(({ name }) => name), ...PARTS];
  // -I: neither PYTHONPATH nor a package of the user's own hides what the environment has.
  const asked = await runProgram(venvPython(venv), ["-I", "-c", VERSIONS_PROGRAM, ...names]);
  return asked.exitCode === 0 ? (JSON.parse(asked.stdout) as Versions) : null;
}

/** Whether everything that requirements.txt pins is there, in that version. */
export const isReady = (versions: Versions | null): versions is Versions =>
  versions !== null && pinsOf("requirements.txt").every(({ name, version }) => versions[name] === version);

/** What must be said of an environment that the fallback made; null for one whose versions agree. */
export function mixedVersions(versions: Versions): string | null {
  const odd = PARTS.filter((part) => versions[part] !== versions.mlflow);
  if (odd.length === 0) return null;
  const parts = odd.map((part) => `${part} ${versions[part] ?? "missing"}`).join(" and ");
  return (
    `mlflow ${versions.mlflow} is installed beside ${parts}, because the package index had no newer ones. All code that\n` +
    `         runs is ${versions.mlflow}'s; MLflow itself warns of it too. See scripts/mlflow/requirements-fallback.txt`
  );
}

export interface VenvOptions {
  readonly venv: string;
  /** The Python that makes it. */
  readonly python: string;
  readonly talk: (line: string) => void;
}

/**
 * Makes the virtual environment and installs what requirements.txt pins, where that is not there yet.
 * @throws StartProblem when Python, its venv module or a package is missing
 */
export async function ensureVenv({ venv, python, talk }: VenvOptions): Promise<Versions> {
  const before = await installedVersions(venv);
  if (isReady(before)) return before;
  const pin = mlflowPin();
  if (before === null) {
    await checkPython(python);
    await makeVenv(venv, python);
  }
  talk(`installing what MLflow ${pin.version} needs into ${venv}: a minute or two, once`);
  await install(venv, before, talk);
  const after = await installedVersions(venv);
  if (!isReady(after))
    throw new StartProblem(
      `pip installed other versions than scripts/mlflow/requirements.txt pins: ${JSON.stringify(after)}`,
      `remove ${venv} and start again; look for constraints in pip's configuration (pip config list)`,
    );
  return after;
}

async function checkPython(python: string): Promise<void> {
  const wanted = OLDEST_PYTHON.join(".");
  const hint = `install Python ${wanted} or newer (Debian: apt-get install python3 python3-venv), or name one with --python PROGRAM`;
  const asked = await runProgram(python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
  if (asked.exitCode !== 0)
    throw new StartProblem(
      asked.errno === null
        ? `${python} does not run`
        : `${python} is not there (${asked.errno}): MLflow needs Python`,
      hint,
      tail(asked.stderr),
    );
  const [major = 0, minor = 0] = asked.stdout.trim().split(".").map(Number);
  if (major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1]))
    throw new StartProblem(
      `${python} is Python ${major}.${minor}: MLflow's packages need ${wanted} or newer`,
      hint,
    );
  const modules = await runProgram(python, ["-c", "import venv, ensurepip"]);
  if (modules.exitCode !== 0)
    throw new StartProblem(
      `${python} cannot make virtual environments: ${tail(modules.stderr).split("\n").at(-1)}`,
      `install its venv module (Debian: apt-get install python${major}.${minor}-venv), or name another Python with --python PROGRAM`,
    );
}

async function makeVenv(venv: string, python: string): Promise<void> {
  const isOurs = existsSync(join(venv, "pyvenv.cfg"));
  if (!isOurs && existsSync(venv) && readdirSync(venv).length > 0)
    throw new StartProblem(
      `${venv} is there and is no virtual environment (no pyvenv.cfg): it was not touched`,
      "name another folder with --venv DIR or MLFLOW_VENV",
    );
  const made = await runProgram(python, ["-m", "venv", "--clear", venv]);
  if (made.exitCode !== 0)
    throw new StartProblem(
      `${python} -m venv ${venv} failed`,
      "put right what it says, and start again",
      tail(`${made.stdout}\n${made.stderr}`),
    );
}

async function install(venv: string, before: Versions | null, talk: (line: string) => void): Promise<void> {
  // Other packages came to the pins since the environment was made: MLflow, which servers may run from it, is left alone.
  if (before?.mlflow === mlflowPin().version) {
    const unmet = pinsOf("requirements.txt").filter(({ name, version }) => before[name] !== version);
    const added = await pip(
      venv,
      unmet.map(({ name, version }) => `${name}==${version}`),
    );
    if (added !== null) throw pipProblem(venv, "requirements.txt", added);
    return;
  }
  const first = await pip(venv, ["-r", requirementsPath("requirements.txt")]);
  if (first === null) return;
  const part = missingPart(first);
  if (part === null) throw pipProblem(venv, "requirements.txt", first);

  const pin = mlflowPin();
  const older = pinsOf("requirements-fallback.txt").find(({ name }) => name === "mlflow")!;
  talk(
    `warning: the package index has no ${part} of MLflow ${pin.version}: installing what MLflow ${older.version}`,
  );
  talk(`         needs, and then mlflow ${pin.version} over it (scripts/mlflow/requirements-fallback.txt)`);
  const second = await pip(venv, ["-r", requirementsPath("requirements-fallback.txt")]);
  if (second !== null) throw pipProblem(venv, "requirements-fallback.txt", second);
  const third = await pip(venv, ["--no-deps", `mlflow==${pin.version}`]);
  if (third !== null) throw pipProblem(venv, "requirements.txt", third);
}

/** Null when it worked, otherwise what pip said. */
async function pip(venv: string, args: readonly string[]): Promise<string | null> {
  const ended = await runProgram(venvPython(venv), [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-input",
    ...args,
  ]);
  return ended.exitCode === 0 ? null : `${ended.stdout}\n${ended.stderr}`;
}

/** The part of MLflow that the index does not have in the version of MLflow itself, by what pip said. */
export function missingPart(output: string): string | null {
  const found = /No matching distribution found for ([\w-]+)==/.exec(output)?.[1];
  return PARTS.find((part) => part === found) ?? null;
}

function pipProblem(venv: string, file: RequirementsFile, output: string): StartProblem {
  const command = `${venvPython(venv)} -m pip install -r ${requirementsPath(file)}`;
  // The list of every version that the index has is long, and says nothing that the last line does not.
  const short = output.replaceAll(/ \(from versions: [^)]*\)/g, "");
  return new StartProblem(
    "pip could not install MLflow",
    `look at what it says, e.g. the package index or the proxy in pip's configuration, and try: ${command}`,
    tail(short),
  );
}
