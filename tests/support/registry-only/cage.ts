import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CliResult, tempFolder } from "../cli.js";
import { hostOf, startProxy } from "./proxy.js";

export interface Cage {
  /** Runs a program that reaches the package registry and nothing else. */
  run(command: string, args: readonly string[], cwd: string): Promise<CliResult>;
  /** Hosts that were asked for in vain. */
  refused(): readonly string[];
  close(): Promise<void>;
}

const RELAY = fileURLToPath(new URL("relay.mjs", import.meta.url));

/** How to start a program in a network of its own, which has loopback alone; null where this machine cannot. */
export function isolation(): readonly string[] | null {
  const user = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const words = ["unshare", ...user, "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
  const { status } = spawnSync(words[0]!, [...words.slice(1), "true"]);
  return status === 0 ? words : null;
}

/**
 * npm as it comes: nothing of the environment that the tests run in but how the registry is reached.
 * @param bin folder with the `node` to run, instead of this one's
 */
export async function openCage(
  isolated: readonly string[],
  bin: string | undefined,
  whenOver: Parameters<typeof tempFolder>[0],
): Promise<Cage> {
  const setting = (key: string) =>
    spawnSync("npm", ["config", "get", key], { encoding: "utf8" }).stdout.trim();
  const registry = setting("registry");
  const authority = setting("cafile");
  const userconfig = join(tempFolder(whenOver), "npmrc");
  writeFileSync(
    userconfig,
    `registry=${registry}\n${authority === "null" || authority === "" ? "" : `cafile=${authority}\n`}`,
  );
  const proxy = await startProxy(hostOf(new URL(registry)), whenOver);
  const { PATH, HOME, TMPDIR } = process.env;
  const env = {
    PATH: [...(bin === undefined ? [] : [bin]), PATH].join(delimiter),
    HOME,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    NO_COLOR: "1",
    npm_config_userconfig: userconfig,
    // Where packages are kept that were fetched before is no matter of how it is installed.
    npm_config_cache: process.env.RETRAIN_TEST_NPM_CACHE ?? setting("cache"),
  };
  return {
    run: (command, args, cwd) =>
      finished([...isolated, "node", RELAY, proxy.socket, command, ...args], cwd, env),
    refused: () => [...proxy.refused],
    close: () => proxy.close(),
  };
}

function finished(
  [program, ...args]: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<CliResult> {
  const child = spawn(program!, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
