import { describe, expect, test } from "vitest";
import { systemFailure } from "../../../src/durable/errno.js";

const errorOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
};
const withCode = (code: string, message: string) => Object.assign(new Error(message), { code });

describe("memory that ran out", () => {
  test.each([
    ["a buffer that nobody can have", errorOf(() => new ArrayBuffer(2 ** 52))],
    ["numbers that nobody can have", errorOf(() => new Float64Array(2 ** 45))],
    ["a text that is too long", errorOf(() => "x".repeat(2 ** 30))],
    [
      "a file that is too long for a text",
      withCode("ERR_STRING_TOO_LONG", "Cannot create a string longer than 0x1fffffe8 characters"),
    ],
    [
      "a thread",
      withCode(
        "ERR_WORKER_OUT_OF_MEMORY",
        "Worker terminated due to reaching memory limit: JS heap out of memory",
      ),
    ],
    ["the operating system", withCode("ENOMEM", "spawn ENOMEM")],
    [
      "DuckDB",
      new Error(
        "Out of Memory Error: failed to allocate data of size 16.0 MiB (1.0 GiB/1.0 GiB used)\n\nPossible solutions:",
      ),
    ],
    ["onnxruntime", new Error("Non-zero status code returned: std::bad_alloc")],
    ["WebAssembly", new RangeError("WebAssembly.Memory(): could not allocate memory")],
  ])("is told by %s", (_name, error) => {
    expect(systemFailure(error, "/x")).toEqual({
      code: "memory.exhausted",
      retryable: false,
      detail: (error as Error).message.split("\n")[0],
    });
  });

  test.each([
    ["a length below zero", errorOf(() => new Float64Array(-1))],
    ["a number with too many digits", errorOf(() => (1).toFixed(101))],
    [
      "a recursion without an end",
      errorOf(() =>
        (function again(): number {
          return again() + 1;
        })(),
      ),
    ],
    ["a value that is not there", errorOf(() => (undefined as unknown as { a: 1 }).a)],
    ["no error at all", "Array buffer allocation failed"],
  ])("is not %s", (_name, error) => expect(systemFailure(error, "/x")).toBeNull());
});

test.each([
  ["EISDIR", true],
  ["ENOTDIR", true],
  ["EROFS", true],
  ["ELOOP", true],
  ["ENOENT", false],
  ["ECONNREFUSED", false],
  ["EACCES", false],
])("%s without a path is about the disk: %s", (code, isAboutDisk) => {
  const failure = systemFailure(withCode(code, `${code}: it did not work, read`), "/around");
  expect(failure).toEqual(
    isAboutDisk
      ? { code: "fs.failed", retryable: false, operation: "go on", path: "/around", errno: code }
      : null,
  );
});
