/** The version that an MLflow server says it has. @throws FailureError where it does not answer as one */
export async function serverVersion(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  // Loaded only here: a folder needs no HTTP client.
  const [{ openConnection }, { checkServer }] = await Promise.all([
    import("../../registry/mlflow/http/connection.js"),
    import("../../registry/mlflow/http/check-server.js"),
  ]);
  return checkServer(await openConnection(url, env));
}
