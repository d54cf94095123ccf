import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

const REPO = resolve(import.meta.dirname, "../../../..");

/** Compiles layers of src/ into a temp folder, so that real child processes can run them. */
export async function compileSource(layers: readonly string[]): Promise<{
  /** Runs a script (an ES module that imports from `./src/…`) with JSON arguments. */
  start(script: string, ...args: readonly unknown[]): Child;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), "retrain-compiled-"));
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await symlink(join(REPO, "node_modules"), join(folder, "node_modules"));
  for (const layer of layers) {
    const files = await readdir(join(REPO, "src", layer), { recursive: true });
    for (const file of files.filter((name) => name.endsWith(".ts"))) {
      const source = await readFile(join(REPO, "src", layer, file), "utf8");
      const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
      const target = join(folder, "src", layer, file.replace(/\.ts$/, ".js"));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, ts.transpileModule(source, { compilerOptions }).outputText);
    }
  }
  let scripts = 0;
  return {
    start(script, ...args) {
      const path = join(folder, `script-${++scripts}.js`);
      return startChild(writeFile(path, script), path, args);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface Child {
  /** Resolves with standard output when the process ends by itself; rejects when it fails. */
  readonly output: Promise<string>;
  /** Resolves when the process has written a line that starts with `text`. */
  said(text: string): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  readonly pid: Promise<number>;
}

function startChild(ready: Promise<void>, path: string, args: readonly unknown[]): Child {
  let stdout = "";
  let stderr = "";
  const waiting: (() => void)[] = [];
  const child: Promise<ChildProcess> = ready.then(() => {
    const made = spawn(process.execPath, [path, ...args.map((arg) => JSON.stringify(arg))]);
    made.stdout.on("data", (chunk) => {
      stdout += chunk;
      for (const wake of waiting) wake();
    });
    made.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    return made;
  });
  const ended = child.then(
    (made) => new Promise<number | null>((resolveEnd) => made.on("close", (code) => resolveEnd(code))),
  );
  const output = ended.then((code) => {
    if (code !== 0) throw new Error(`child ended with ${code}: ${stderr}`);
    return stdout;
  });
  output.catch(() => undefined);
  return {
    output,
    pid: child.then((made) => made.pid!),
    async said(text) {
      await Promise.race([
        new Promise<void>((resolveSaid) => {
          const look = () => stdout.split("\n").some((line) => line.startsWith(text)) && resolveSaid();
          waiting.push(look);
          look();
        }),
        ended.then((code) => {
          throw new Error(`child ended with ${code} before it said ${text}: ${stderr}`);
        }),
      ]);
    },
    async kill() {
      (await child).kill("SIGKILL");
      await ended;
    },
  };
}
