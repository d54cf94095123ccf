/**
 * Loaded before the program (`node --import`): counts each call that changes a file below a folder or sends something to a server, and kills the
 * process, with a real SIGKILL, before or after one of them, or in the middle of a write. The program knows nothing of it.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { sep } from "node:path";

export interface Orders {
  /** Calls on paths below it count. */
  readonly folder: string;
  /** The call to die at, from 1, and when; null: none. */
  readonly die: { readonly call: number; readonly when: "before" | "half" | "after" } | null;
  /** Gets one line a call. */
  readonly record: string | null;
}

const { folder, die, record } = JSON.parse(process.env.RETRAIN_CALL_KILLS!) as Orders;
const { appendFileSync, writeSync } = fs;
let count = 0;

function kill(): never {
  process.kill(process.pid, "SIGKILL");
  // Nothing of this process may go on while the signal is on its way.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error("unreachable");
}

/** @returns whether to die in the middle of this call, and what to do after it */
function enter(name: string, detail: string): { readonly half: boolean; readonly leave: () => void } {
  count++;
  if (record !== null) appendFileSync(record, `${count} ${name} ${detail.replaceAll(folder, "")}\n`);
  if (die === null || die.call !== count) return { half: false, leave: () => undefined };
  if (die.when === "before") kill();
  return { half: die.when === "half", leave: kill };
}

const below = (path: unknown): path is string => typeof path === "string" && path.startsWith(folder + sep);

// biome-ignore lint/suspicious/noExplicitAny: functions of the file system, whatever their arguments
type Call = (...args: any[]) => any;

function wrap(
  owner: object,
  name: string,
  about: (args: readonly unknown[]) => string | null,
  half?: (args: readonly unknown[]) => void,
): void {
  const calls = owner as Record<string, Call>;
  const original = calls[name];
  if (original === undefined) return;
  calls[name] = function (this: unknown, ...args: unknown[]) {
    const what = about(args);
    if (what === null) return original.apply(this, args);
    const call = enter(name, what);
    if (call.half) {
      half?.call(this, args);
      kill();
    }
    const result = original.apply(this, args) as unknown;
    if (result instanceof Promise)
      return result.then((value: unknown) => {
        call.leave();
        return value;
      });
    call.leave();
    return result;
  };
}

const first = ([path]: readonly unknown[]): string | null => (below(path) ? path : null);
const either = ([a, b]: readonly unknown[]): string | null => (below(b) ? b : below(a) ? a : null);
const creating = ([path, flags]: readonly unknown[]): string | null =>
  below(path) && /[wax]/.test(String(flags ?? "r")) ? path : null;
const half = (content: unknown): Buffer => {
  const bytes = Buffer.isBuffer(content)
    ? content
    : content instanceof Uint8Array
      ? Buffer.from(content)
      : Buffer.from(String(content));
  return bytes.subarray(0, Math.floor(bytes.length / 2));
};
const halfFile = ([path, content]: readonly unknown[]): void => appendFileSync(String(path), half(content));

for (const name of ["rename", "link", "symlink", "copyFile", "cp"]) {
  wrap(fs.promises, name, either);
  wrap(fs, `${name}Sync`, either);
}
for (const name of ["unlink", "rm", "rmdir", "mkdir", "mkdtemp", "truncate", "chmod", "utimes"]) {
  wrap(fs.promises, name, first);
  wrap(fs, `${name}Sync`, first);
}
for (const name of ["writeFile", "appendFile"]) wrap(fs.promises, name, first, halfFile);

// Files that are open: their path is known from the call that opened them.
const handlePaths = new WeakMap<object, string>();
const openPaths = new Map<number, string>();
const { open } = fs.promises;
const { openSync } = fs;
let isPatched = false;
(fs.promises as { open: Call }).open = async (path: string, flags?: string, mode?: number) => {
  const what = creating([path, flags]);
  const call = what === null ? null : enter("open", what);
  const handle = await open(path, flags, mode);
  if (below(path)) handlePaths.set(handle, path);
  if (!isPatched) {
    isPatched = true;
    patchHandles(Object.getPrototypeOf(handle) as object);
  }
  call?.leave();
  return handle;
};
(fs as { openSync: Call }).openSync = (path: string, flags?: string, mode?: number) => {
  const what = creating([path, flags]);
  const call = what === null ? null : enter("openSync", what);
  const fd = openSync(path, flags ?? "r", mode);
  if (below(path)) openPaths.set(fd, path);
  else openPaths.delete(fd);
  call?.leave();
  return fd;
};

function patchHandles(prototype: object): void {
  for (const name of ["write", "writeFile", "appendFile", "writev", "sync", "datasync", "truncate"]) {
    const calls = prototype as Record<string, Call>;
    const original = calls[name]!;
    calls[name] = async function (this: { fd: number }, ...args: unknown[]) {
      const path = handlePaths.get(this);
      if (path === undefined) return original.apply(this, args) as unknown;
      const call = enter(`handle.${name}`, path);
      if (call.half) {
        if (name.startsWith("write") || name.startsWith("append")) writeSync(this.fd, half(args[0]));
        kill();
      }
      const value: unknown = await original.apply(this, args);
      call.leave();
      return value;
    };
  }
}
for (const name of ["writeSync", "fsyncSync", "fdatasyncSync", "ftruncateSync"]) {
  wrap(fs, name, ([fd]) => openPaths.get(fd as number) ?? null);
}
/** A path, or the number of an open file. */
const fileOf = ([file]: readonly unknown[]): string | null =>
  below(file) ? file : (openPaths.get(file as number) ?? null);
for (const name of ["writeFileSync", "appendFileSync"]) {
  wrap(fs, name, fileOf, ([file, content]) => {
    if (typeof file === "number") writeSync(file, half(content));
    else appendFileSync(file as string, half(content));
  });
}
const { fsync } = fs;
(fs as { fsync: Call }).fsync = (fd: number, done: (error: Error | null) => void) => {
  const path = openPaths.get(fd);
  const call = path === undefined ? null : enter("fsync", path);
  fsync(fd, (error) => {
    call?.leave();
    done(error);
  });
};

// Requests to a server: "after" is when the last byte was handed to the system.
wrap(net.Socket.prototype, "write", function (this: unknown, [chunk]: readonly unknown[]) {
  const text = Buffer.isBuffer(chunk) || typeof chunk === "string" ? String(chunk.slice(0, 120)) : "";
  return /^(POST|PUT|PATCH|DELETE) /.test(text) ? text.split("\r\n")[0]! : null;
} as never);

syncBuiltinESMExports();
