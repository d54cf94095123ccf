import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Closers } from "./closers.js";
import { StartProblem, tail } from "./problem.js";
import { runProgram, type Service, startService, type User, wordsOf } from "./program.js";

const DEBIAN = "/usr/lib/postgresql";
const PROGRAMS = ["initdb", "postgres", "pg_isready", "psql"] as const;
const SUPERUSER = "postgres";
const DATABASE = "mlflow";
const READY_WITHIN_MS = 60_000;
const POLL_MS = 100;
const STOP_WITHIN_MS = 10_000;

/** Folders that hold all programs of a PostgreSQL, the newest of Debian's first, then the PATH. */
export function postgresqlFolders(
  path: string = process.env.PATH ?? "",
  debian: string = DEBIAN,
): readonly string[] {
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, "bin")), ...path.split(delimiter)];
  return folders.filter((folder) => PROGRAMS.every((program) => existsSync(join(folder, program))));
}

export interface PostgresqlOptions {
  /** Where the cluster lies: made when it is not there yet. */
  readonly cluster: string;
  readonly log: string;
  /** Whether nothing of it need outlive this process: then nothing waits for the disk. */
  readonly isTemporary: boolean;
}

export interface Postgresql {
  /** For SQLAlchemy. */
  readonly uri: string;
  readonly service: Service;
}

/**
 * Starts a PostgreSQL server of its own. It listens on no port: on a socket in a folder that only its user (and root) can enter, so it needs no
 * password.
 * @throws StartProblem when its programs are missing or it does not start
 */
export async function startPostgresql(options: PostgresqlOptions, closers: Closers): Promise<Postgresql> {
  const { cluster, log, isTemporary } = options;
  const user = await unprivilegedUser();
  const bin = programsFor(cluster);
  const run = (program: string, args: readonly string[]) =>
    runProgram(join(bin, program), args, { cwd: "/", user });

  await makeCluster(cluster, user, isTemporary, run);
  const socket = mkdtempSync(join(tmpdir(), "retrain-pg-"));
  closers.add(() => rmSync(socket, { recursive: true, force: true }));
  if (user !== null) chownSync(socket, user.uid, user.gid);

  const settings = ["listen_addresses=", ...(isTemporary ? ["fsync=off", "synchronous_commit=off"] : [])];
  const service = await startService(
    join(bin, "postgres"),
    ["-D", cluster, "-k", socket, ...settings.flatMap((setting) => ["-c", setting])],
    log,
    { cwd: "/", user },
  );
  closers.add(() => stopFast(service));
  const connection = ["-h", socket, "-U", SUPERUSER, "-d", "postgres"];
  await untilReady(service, log, async () => (await run("pg_isready", connection)).exitCode === 0);

  const known = await run("psql", [
    ...connection,
    "-tAc",
    `select 1 from pg_database where datname = '${DATABASE}'`,
  ]);
  if (known.stdout.trim() !== "1") {
    const made = await run("psql", [...connection, "-qc", `create database ${DATABASE}`]);
    if (made.exitCode !== 0)
      throw new StartProblem("the database could not be made", `look into ${log}`, tail(made.stderr));
  }
  return { uri: `postgresql+psycopg2://${SUPERUSER}@/${DATABASE}?host=${socket}`, service };
}

/** SIGINT: rolls back and closes what is open instead of waiting for its clients. */
async function stopFast(service: Service): Promise<void> {
  service.signal("SIGINT");
  await Promise.race([service.ended, delay(STOP_WITHIN_MS, undefined, { ref: false })]);
  await service.kill();
}

/** PostgreSQL refuses to run as root: the user of Debian's package, or else the one that owns nothing. Null when this is not root. */
async function unprivilegedUser(): Promise<User | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = await Promise.all([runProgram("id", ["-u", name]), runProgram("id", ["-g", name])]);
    if (uid.exitCode === 0 && gid.exitCode === 0)
      return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new StartProblem(
    "PostgreSQL refuses to run as root, and there is no user postgres or nobody",
    "adduser --system postgres, or start this as another user",
  );
}

/** An existing cluster can only be opened by the version that made it. */
function programsFor(cluster: string): string {
  const folders = postgresqlFolders();
  const marker = join(cluster, "PG_VERSION");
  const version = existsSync(marker) ? readFileSync(marker, "utf8").trim() : null;
  const own =
    version === null ? undefined : folders.find((folder) => folder === join(DEBIAN, version, "bin"));
  const bin = own ?? folders[0];
  if (bin === undefined)
    throw new StartProblem(
      `PostgreSQL's programs (${PROGRAMS.join(", ")}) are neither in ${DEBIAN}/*/bin nor on the PATH`,
      "apt-get install postgresql, or use --backend sqlite, or name a server that runs with --backend-store-uri postgresql://…",
    );
  return bin;
}

async function makeCluster(
  cluster: string,
  user: User | null,
  isTemporary: boolean,
  run: (program: string, args: readonly string[]) => ReturnType<typeof runProgram>,
): Promise<void> {
  if (existsSync(join(cluster, "PG_VERSION"))) return;
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  if (user !== null) {
    chownSync(cluster, user.uid, user.gid);
    const reach = await runProgram("test", ["-w", cluster], { cwd: "/", user });
    if (reach.exitCode !== 0)
      throw new StartProblem(
        `PostgreSQL runs as user ${user.name} here, who cannot enter the folders above ${cluster}`,
        "choose a folder that others can enter with --data DIR, or use --temporary",
      );
  }
  const made = await run("initdb", [
    ...["-D", cluster, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C"],
    ...(isTemporary ? ["--no-sync"] : []),
  ]);
  if (made.exitCode !== 0)
    throw new StartProblem(
      `initdb could not make ${cluster}: it ${wordsOf(made)}`,
      `put right what it says, remove ${cluster}, and start again`,
      tail(`${made.stdout}\n${made.stderr}`),
    );
}

async function untilReady(service: Service, log: string, isUp: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < READY_WITHIN_MS; waited += POLL_MS) {
    const end = service.end();
    if (end !== null)
      throw new StartProblem(
        `PostgreSQL ${wordsOf(end)} while it was starting`,
        `put right what it says; the whole log: ${log}`,
        tail(readFileSync(log, "utf8")),
      );
    if (await isUp()) return;
    await delay(POLL_MS);
  }
  throw new StartProblem(
    `PostgreSQL did not get ready within ${READY_WITHIN_MS / 1000} s`,
    `look into ${log}`,
    tail(readFileSync(log, "utf8")),
  );
}
