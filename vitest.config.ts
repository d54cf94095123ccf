import { defineConfig } from "vitest/config";

const setupFiles = ["tests/support/fast-check.ts"];

/** Tests with a real part that Node does not bring (MLflow, Chromium, Python, shells, a network that can be cut, real panels), or with real harm (kills, full disks). */
const COMPONENTS = ["tests/components/**/*.test.ts", "tests/contract/*/mlflow*.test.ts"];

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
        test: {
          name: "contract",
          include: ["tests/contract/**/*.test.ts"],
          exclude: COMPONENTS,
          testTimeout: 60_000,
          setupFiles,
        },
      },
      {
        // In one process too, so that the hosts of tests/support/cli.ts go from file to file.
        test: { name: "e2e", include: ["tests/e2e/**/*.test.ts"], testTimeout: 180_000, isolate: false },
      },
      { test: { name: "components", include: COMPONENTS, testTimeout: 180_000, setupFiles } },
    ],
    // As src/forecast/onnx/keep-to-itself.ts has it, for tests that load the library themselves.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    // The e2e tests start real processes; on two cores more workers only make them wait for each other.
    maxWorkers: 2,
  },
});
