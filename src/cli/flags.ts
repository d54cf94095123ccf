import type { CommandFlags } from "../report/commands.js";

/** The flags of this command line that a command to copy has to repeat; what is the default, or in the environment, is left out. */
export function flagsToRepeat(given: {
  readonly runbook?: string | undefined;
  readonly stateDir?: string | undefined;
  readonly overrides: readonly string[];
  readonly dryRun: boolean;
}): CommandFlags {
  const { runbook, stateDir, overrides, dryRun } = given;
  return {
    runbook: runbook === undefined || runbook === "runbook.yaml" ? null : runbook,
    stateDir: stateDir === undefined || process.env.RETRAIN_STATE_DIR === stateDir ? null : stateDir,
    overrides,
    dryRun,
  };
}
