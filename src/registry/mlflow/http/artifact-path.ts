import { fail } from "../../../kit/failure.js";

const PROXY = "/api/2.0/mlflow-artifacts/artifacts";

/**
 * Path under a connection's `baseUrl` at which the server passes on the file `path` of an artifact location, each segment percent-encoded.
 * @throws FailureError `registry.artifacts-elsewhere` for a location that the server does not pass on, such as s3: or file:
 */
export function artifactPath(location: string, path: string, baseUrl: string): string {
  const root = proxiedRoot(location, baseUrl);
  if (root === null)
    return fail({
      code: "registry.artifacts-elsewhere",
      retryable: false,
      uri: baseUrl,
      location: location.replace(/\/\/[^/?#]*@/, "//").replace(/[?#].*$/s, ""),
    });
  const segments = [...root.split("/"), ...path.split("/")].filter((segment) => segment !== "");
  return `${PROXY}/${segments.map(encodeURIComponent).join("/")}`;
}

/** The server's own name for its proxy: `mlflow-artifacts:/…`, with its host or without, or the proxy's address. Null for all else. */
function proxiedRoot(location: string, baseUrl: string): string | null {
  if (location.startsWith(`${baseUrl}${PROXY}/`)) return location.slice(baseUrl.length + PROXY.length);
  const [, host, path] = /^mlflow-artifacts:(?:\/\/([^/]*))?(\/.*)$/.exec(location) ?? [];
  if (path === undefined) return null;
  return host === undefined || host === "" || host === new URL(baseUrl).host ? path : null;
}
