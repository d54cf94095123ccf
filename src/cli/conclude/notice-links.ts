import type { ModelRegistry } from "../../kit/registry.js";
import type { Notice } from "../../notify/notice.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Pages about a run that a reader's browser can open: the version on an MLflow server, and the CI job. */
export function noticeLinks(
  registry: Pick<ModelRegistry, "kind" | "uri">,
  candidate: { readonly name: string; readonly version: string } | null,
  env: Environment,
): Notice["links"] {
  const job = jobUrl(env);
  const version =
    candidate === null || registry.kind !== "mlflow"
      ? null
      : `${registry.uri.replace(/\/$/, "")}/#/models/${encodeURIComponent(candidate.name)}/versions/${candidate.version}`;
  return [
    ...(version === null ? [] : [{ label: "Version in MLflow", url: version }]),
    ...(job === null ? [] : [{ label: "CI job", url: job }]),
  ];
}

/** Of GitLab, or of GitHub Actions. */
function jobUrl({
  CI_JOB_URL,
  GITHUB_SERVER_URL,
  GITHUB_REPOSITORY,
  GITHUB_RUN_ID,
}: Environment): string | null {
  if (CI_JOB_URL) return CI_JOB_URL;
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !GITHUB_RUN_ID) return null;
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
}
