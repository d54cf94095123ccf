import { join } from "node:path";
import type { Engine, RunRequest } from "../../engine/engine.js";
import { liveWords } from "../../report/live.js";
import type { RunDocument } from "../../report/run-document.js";

/** The report as it is published: its links are those of the registry's run, where other files stand beside it. */
export const PUBLISHED_REPORT = "published/report.html";

/** What `concludeRun` writes for people: the file in the run's folder, and where it stands in the registry's run. */
const REPORT = [
  { file: PUBLISHED_REPORT, path: "report/report.html" },
  { file: "document.json", path: "report/document.json" },
] as const;
const ESCALATION = [
  { file: "escalation/escalation.json", path: "escalation/escalation.json" },
  { file: "escalation/escalation.md", path: "escalation/escalation.md" },
  { file: "escalation/escalation.html", path: "escalation/escalation.html" },
  { file: "escalation/rows.csv", path: "escalation/rows.csv" },
] as const;

export const PUBLISHED: readonly { readonly file: string; readonly path: string }[] = [
  ...REPORT,
  ...ESCALATION,
];

/**
 * Puts what is in the run's folder into the registry's run, where every machine finds it. Again is fine: the newest of a path stays.
 * @throws what the registry throws, after a warning that says what stands all the same: the run is not finished then, and the same
 * command goes on with it
 */
export async function publishForPeople(
  engine: Engine,
  request: RunRequest,
  registryRun: string,
  { folder, document }: { readonly folder: string; readonly document: RunDocument },
): Promise<void> {
  const files = document.files.escalation === null ? REPORT : PUBLISHED;
  const registry = await engine.registryFor({ folder, dryRun: request.dryRun });
  try {
    await registry.putArtifacts(
      registryRun,
      files.map(({ file, path }) => ({ path, source: join(folder, file) })),
    );
  } catch (error) {
    const { verdict } = document;
    const message = `the verdict (${verdict}) stands: ${liveWords(document)}; its report is ${document.files.report}, but the registry did not take it`;
    engine.emit({ type: "step-warned", step: "report", message });
    throw error;
  }
}
