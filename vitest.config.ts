import { defineConfig } from "vitest/config";

const setupFiles = ["tests/support/fast-check.ts"];

/** Unit tests that replace a module, which other files in the same process would find replaced. */
const MOCKING = ["tests/unit/durable/node-files-sync.test.ts", "tests/unit/forecast/worker-executor.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.ts"],
          exclude: MOCKING,
          testTimeout: 30_000,
          setupFiles,
          // One process for many files: a third of their time went into loading the same modules anew. A test leaves no global state behind.
          isolate: false,
        },
      },
      { test: { name: "unit-mocking", include: MOCKING, testTimeout: 30_000 } },
      {
        test: { name: "contract", include: ["tests/contract/**/*.test.ts"], testTimeout: 60_000, setupFiles },
      },
      { test: { name: "e2e", include: ["tests/e2e/**/*.test.ts"], testTimeout: 180_000 } },
    ],
    // As src/forecast/onnx/keep-to-itself.ts has it, for tests that load the library themselves.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    // The e2e tests start real processes; on two cores more workers only make them wait for each other.
    maxWorkers: 2,
  },
});
