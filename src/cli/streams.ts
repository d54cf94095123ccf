import { StringDecoder } from "node:string_decoder";

type Write = (text: string, done?: () => void) => unknown;

/** Writes to standard output, also when nobody else may. */
let out: Write = (text, done) => process.stdout.write(text, done);
const error: Write = (text, done) => process.stderr.write(text, done);

let isBegun = false;

export function standardOutput(text: string): void {
  isBegun ||= text !== "";
  out(text);
}

/** Whether anything was written to standard output. */
export const isOutputBegun = (): boolean => isBegun;

export const standardError = (text: string): void => void error(text);

/** Calls back when all that was written is on its way out of the process: a slow pipe takes it after the last write. */
export const whenWritten = (then: () => void): void => void out("", () => error("", () => then()));

type Tell = (line: string) => void;
let tell: Tell = () => undefined;

/** From now on whatever is printed is told so. Answers what undoes it. */
export function tellPrints(to: Tell): () => void {
  const before = tell;
  tell = to;
  return () => {
    tell = before;
  };
}

/**
 * Standard output is data, and nothing but this program writes data: what anybody else in the process prints, a step of a module or a library, is told line
 * by line.
 */
export function keepStandardOutput(to: Tell): void {
  tell = to;
  isBegun = false;
  const own = process.stdout.write.bind(process.stdout);
  out = (text, done) => own(text, done);
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const take = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) tell(line);
  };
  process.once("exit", () => {
    const last = rest + decoder.end();
    if (last !== "") tell(last);
  });
  process.stdout.write = ((
    chunk: string | Uint8Array,
    encodingOrDone?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    take(typeof chunk === "string" ? chunk : decoder.write(Buffer.from(chunk)));
    const callback = typeof encodingOrDone === "function" ? encodingOrDone : done;
    if (callback !== undefined) process.nextTick(callback);
    return true;
  }) as typeof process.stdout.write;
}

/** A reader that went away (`retrain runs | head -1`) is no error, and no reason to leave a run half-way: what it does not want is dropped. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (problem: NodeJS.ErrnoException) => {
      if (problem.code !== "EPIPE" && problem.code !== "ERR_STREAM_DESTROYED") throw problem;
    });
}
