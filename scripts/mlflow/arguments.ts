import { parseArgs } from "node:util";
import { StartProblem } from "./problem.js";
import { BACKENDS, type Backend } from "./start.js";

export const USAGE = `Usage: npm run mlflow -- [options] [-- COMMAND ARGUMENT…]

Installs MLflow into a virtual environment of its own, once, and serves it on this machine: runs, models and artifacts. Prints the URI
when its API answers, and runs until Ctrl-C. With a COMMAND it runs that with MLFLOW_TRACKING_URI set, stops, and ends with the
command's exit code.

  --port N                  port on loopback, 0 for any free one (default 5000)
  --backend NAME            sqlite or postgresql, which it starts itself (default sqlite)
  --backend-store-uri URI   a database that runs already, e.g. postgresql://user:password@host/mlflow
  --data DIR                where everything is kept (default .mlflow/BACKEND in the checkout)
  --temporary               keep nothing
  --workers N               processes that answer (default 1)
  --auth                    ask for user and password (MLflow's basic-auth app); COMMAND gets the admin's as MLFLOW_TRACKING_USERNAME
                            and MLFLOW_TRACKING_PASSWORD. They are MLFLOW_AUTH_ADMIN_USERNAME and _PASSWORD, or made up
  --venv DIR                virtual environment (default MLFLOW_VENV, or .venv-mlflow in the checkout)
  --python PROGRAM          Python that makes it (default python3)
  --variable NAME           variable that COMMAND gets the URI in (default MLFLOW_TRACKING_URI)
  --json                    one line of JSON instead of the URI
  --exec COMMAND ARGUMENT…  the same as -- COMMAND ARGUMENT…
  --help
`;

export interface Arguments {
  readonly port: number;
  readonly backend: Backend;
  readonly storeUri: string | null;
  /** Null when nothing is kept, undefined for the default folder. */
  readonly data: string | null | undefined;
  readonly workers: number;
  readonly auth: boolean;
  readonly venv: string | undefined;
  readonly python: string;
  readonly variable: string;
  readonly json: boolean;
  readonly help: boolean;
  /** Empty: serve until a signal comes. */
  readonly command: readonly string[];
}

const OPTIONS = {
  port: { type: "string", default: "5000" },
  backend: { type: "string" },
  "backend-store-uri": { type: "string" },
  data: { type: "string" },
  temporary: { type: "boolean", default: false },
  workers: { type: "string", default: "1" },
  auth: { type: "boolean", default: false },
  venv: { type: "string" },
  python: { type: "string", default: "python3" },
  variable: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** @throws StartProblem for what cannot be meant */
export function parseArguments(argv: readonly string[]): Arguments {
  const cut = argv.findIndex((word) => word === "--" || word === "--exec");
  const command = cut === -1 ? [] : argv.slice(cut + 1);
  const values = valuesOf(cut === -1 ? argv : argv.slice(0, cut));
  if (cut !== -1 && command.length === 0) throw usage(`${argv[cut]} without a command behind it`);
  if (command.length > 0 && values.json)
    throw usage("--json with a command: standard output is the command's");
  if (command.length === 0 && values.variable !== undefined) throw usage("--variable without a command");
  if (values.temporary && values.data !== undefined) throw usage("--temporary and --data exclude each other");
  const storeUri = values["backend-store-uri"] ?? null;
  if (storeUri !== null && values.backend !== undefined)
    throw usage("--backend-store-uri and --backend exclude each other");
  return {
    port: wholeNumber("--port", values.port, 0, 65_535),
    backend: storeUri === null ? backendOf(values.backend ?? "sqlite") : backendOfUri(storeUri),
    storeUri,
    data: values.temporary ? null : values.data,
    workers: wholeNumber("--workers", values.workers, 1, 64),
    auth: values.auth,
    venv: values.venv,
    python: values.python,
    variable: values.variable ?? "MLFLOW_TRACKING_URI",
    json: values.json,
    help: values.help,
    command,
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    if (error instanceof TypeError) throw usage(error.message);
    throw error;
  }
}

const usage = (what: string) => new StartProblem(what, "npm run mlflow -- --help");

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw usage(`${option} ${text}: expected a whole number from ${least} to ${most}`);
  return value;
}

function backendOf(name: string): Backend {
  const backend = BACKENDS.find((known) => known === name);
  if (backend === undefined) throw usage(`--backend ${name}: expected ${BACKENDS.join(" or ")}`);
  return backend;
}

function backendOfUri(uri: string): Backend {
  if (/^postgres(ql)?(\+\w+)?:\/\//.test(uri)) return "postgresql";
  if (uri.startsWith("sqlite:///")) return "sqlite";
  // The URI itself may hold a password.
  throw usage("--backend-store-uri: expected postgresql://… or sqlite:///…");
}
