import type { CommandFlags } from "../report/commands.js";

/** The flags of this command line that a command to copy has to repeat; what is the default is left out. */
export function flagsToRepeat(given: {
  readonly runbook: string;
  readonly stateDir: string;
  readonly overrides: readonly string[];
  readonly dryRun: boolean;
}): CommandFlags {
  return {
    runbook: given.runbook === "runbook.yaml" ? null : given.runbook,
    stateDir:
      given.stateDir === ".retrain" || process.env.RETRAIN_STATE_DIR === given.stateDir
        ? null
        : given.stateDir,
    overrides: given.overrides,
    dryRun: given.dryRun,
  };
}
