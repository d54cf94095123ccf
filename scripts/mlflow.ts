/** Starts a real MLflow server on this machine, for people, tests and CI: see `--help`. */
import { constants } from "node:os";
import { type Arguments, parseArguments, USAGE } from "./mlflow/arguments.js";
import { clientVariables } from "./mlflow/auth.js";
import { Closers } from "./mlflow/closers.js";
import { StartProblem, textOf } from "./mlflow/problem.js";
import { wordsOf } from "./mlflow/program.js";
import { runCommand } from "./mlflow/run-command.js";
import { defaultData, type RunningMlflow, start } from "./mlflow/start.js";
import { ensureVenv, mixedVersions, type Versions, venvFolder, venvPython } from "./mlflow/venv.js";

const closers = new Closers();
const talk = (line: string) => void process.stderr.write(`${line}\n`);

/** What SIGINT and SIGTERM do now; before the server answers they end the start. */
let onSignal = (signal: NodeJS.Signals) => finish(128 + constants.signals[signal]);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => onSignal(signal));

function finish(exitCode: number): void {
  closers.close().then(
    () => process.exit(exitCode),
    (error: unknown) => {
      talk(String(error));
      process.exit(1);
    },
  );
}

async function main(): Promise<number> {
  const asked = parseArguments(process.argv.slice(2));
  if (asked.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const venv = venvFolder(asked.venv);
  const versions = await ensureVenv({ venv, python: asked.python, talk });
  const mixed = mixedVersions(versions);
  if (mixed !== null) talk(`warning: ${mixed}`);
  talk(`starting MLflow on ${asked.backend}: ten to thirty seconds`);
  const data = asked.data === undefined ? defaultData(asked.backend) : asked.data;
  const running = await start({ ...asked, data, python: venvPython(venv) }, closers);
  return asked.command.length === 0 ? serve(asked, running, versions) : execute(asked, running, venv);
}

async function serve(asked: Arguments, running: RunningMlflow, versions: Versions): Promise<number> {
  const { uri, version, folder, log, admin } = running;
  const stopped = new Promise<void>((resolve) => {
    onSignal = () => resolve();
  });
  const document = {
    uri,
    pid: process.pid,
    version,
    backend: asked.backend,
    serverPid: running.server().service.pid,
    versions,
    data: folder,
    log,
    admin: admin === null ? null : { username: admin.username, file: admin.file },
  };
  process.stdout.write(`${asked.json ? JSON.stringify(document) : uri}\n`);
  talk(
    `MLflow ${version} serves ${folder}. Ctrl-C stops it; in another terminal: export MLFLOW_TRACKING_URI=${uri}`,
  );
  if (admin !== null) talk(`It asks for a user: the name and password of its admin are in ${admin.file}`);
  await Promise.race([stopped, deathOf(running)]);
  talk("stopping MLflow");
  return 0;
}

async function execute(asked: Arguments, running: RunningMlflow, venv: string): Promise<number> {
  talk(`MLflow ${running.version} answers at ${running.uri}: running ${asked.command.join(" ")}`);
  const env = {
    ...process.env,
    ...clientVariables(running.admin),
    MLFLOW_VENV: venv,
    [asked.variable]: running.uri,
  };
  let pass = (_signal: NodeJS.Signals): void => {};
  const ended = runCommand(asked.command, env, (toCommand) => {
    pass = toCommand;
    onSignal = (signal) => {
      // A terminal sends Ctrl-C to the command as well, and a second one means more than the first to many programs.
      if (signal !== "SIGINT" || !process.stdin.isTTY) pass(signal);
    };
  });
  return Promise.race([
    ended,
    deathOf(running).catch((problem: unknown) => {
      pass("SIGTERM");
      throw problem;
    }),
  ]);
}

async function deathOf({ failed, log }: RunningMlflow): Promise<never> {
  const { what, how } = await failed;
  throw new StartProblem(
    `${what} ${wordsOf(how)}`,
    `look into ${log} and the files beside it, and start it again`,
  );
}

main().then(finish, (error: unknown) => {
  if (closers.isClosing) return;
  if (error instanceof StartProblem) process.stderr.write(textOf(error));
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  finish(1);
});
