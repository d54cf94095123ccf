import { defineConfig } from "vitest/config";

const setupFiles = ["tests/support/fast-check.ts"];

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["tests/unit/**/*.test.ts"], testTimeout: 30_000, setupFiles } },
      {
        test: { name: "contract", include: ["tests/contract/**/*.test.ts"], testTimeout: 60_000, setupFiles },
      },
      { test: { name: "e2e", include: ["tests/e2e/**/*.test.ts"], testTimeout: 180_000 } },
    ],
    // The e2e tests start real processes; on two cores more workers only make them wait for each other.
    maxWorkers: 2,
  },
});
