import type { Workspace } from "../../src/kit/step.js";

/** For steps that leave nothing but artifacts. */
export const NO_WORKSPACE: Workspace = {
  scratch: () => Promise.reject(new Error("this step asks for no scratch folder")),
  logFile: "/nowhere/step.log",
  stateFolder: "/nowhere",
  log: () => undefined,
};
