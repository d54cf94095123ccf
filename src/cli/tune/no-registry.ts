import type { ModelRegistry } from "../../kit/registry.js";

const refuse = (): Promise<never> => Promise.reject(new Error("a search changes no registry"));
const nothing =
  <T>(value: T) =>
  async (): Promise<T> =>
    value;

/** A search opens no registry: its steps see one in which nothing has ever been. */
export const noRegistry: ModelRegistry = {
  kind: "scratch",
  uri: "none:",
  ensureRun: refuse,
  logRun: refuse,
  putArtifacts: refuse,
  closeRun: refuse,
  listRuns: nothing([]),
  findRuns: nothing([]),
  getRun: nothing(null),
  deletedRuns: nothing([]),
  runDetails: refuse,
  listArtifacts: nothing([]),
  readArtifact: refuse,
  ensureVersion: refuse,
  attachModel: refuse,
  getVersion: nothing(null),
  listVersions: nothing([]),
  readModelFile: refuse,
  getAlias: nothing(null),
  moveAlias: refuse,
  aliasHistory: nothing([]),
  trail: nothing([]),
};
