import { relative } from "node:path";
import type { RunResult } from "../../engine/run.js";
import type { ArtifactKind } from "../../kit/artifact.js";
import type { FileLink } from "../../report/page/model.js";
import type { RunDocument } from "../../report/run-document.js";

/** What a reader may want to open beside the report: which artifact has it, and where it is in the registry's run. */
const OFFERED: readonly {
  readonly label: string;
  readonly kind: ArtifactKind;
  readonly file: string;
  readonly published: string;
}[] = [
  { label: "Outlook", kind: "outlook", file: "outlook.csv", published: "outlook/outlook.csv" },
  { label: "Snapshot", kind: "snapshot", file: "snapshot.parquet", published: "snapshot/snapshot.parquet" },
];

const ESCALATION = [
  { label: "Escalation", file: "escalation/escalation.html" },
  { label: "Rows furthest from what was to be expected", file: "escalation/rows.csv" },
] as const;

/** Files of the run's folder, by their address from the report there. */
export function filesBeside({ files }: RunDocument, { steps, run }: RunResult): FileLink[] {
  const made = OFFERED.flatMap(({ label, kind, file }) => {
    for (const { id, record } of steps)
      for (const [port, artifact] of Object.entries(record?.outputs ?? {}))
        if (artifact.kind === kind && artifact.files.some(({ path }) => path === file))
          return [{ label, to: `steps/${id}/${port}/${file}` }];
    return [];
  });
  const told = files.escalation === null ? [] : ESCALATION.map(({ label, file }) => ({ label, to: file }));
  const folder = relative(process.cwd(), run.folder);
  return [...made, ...told].map(({ label, to }) => ({ label, path: `${folder}/${to}`, to }));
}

/** Files of the registry's run, by their address from the report there. */
export function filesInRegistry({ files, candidate }: RunDocument): FileLink[] {
  // Only a run that registered something has one.
  if (candidate === null) return [];
  const made = OFFERED.map(({ label, published }) => ({ label, path: published }));
  const told = files.escalation === null ? [] : ESCALATION.map(({ label, file }) => ({ label, path: file }));
  return [...made, ...told].map(({ label, path }) => ({ label, path, to: `../${path}` }));
}
