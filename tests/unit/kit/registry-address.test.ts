import { describe, expect, test } from "vitest";
import { registryAddress, withoutCredentials } from "../../../src/kit/registry-address.js";

const readings = (text: string) => {
  const address = registryAddress(text);
  return address.kind === "refused" ? address.readings : address.kind;
};

describe("the address of a registry", () => {
  test.each([
    ["http://mlflow:5000"],
    ["https://user:pass@mlflow.example/prefix"],
    ["HTTP://mlflow:5000"],
    ["Https://MLflow"],
    ["http://[::1]:5000"],
    ["http://127.0.0.1:5000"],
  ])("%s is a server", (url) => {
    expect(registryAddress(url)).toEqual({ kind: "server", url });
  });

  test.each(["http://mlflow:5000 ", "\thttp://mlflow:5000", "http://mlflow:5000\r", "http://mlflow:5000\n"])(
    "%j is a server, as clients read it",
    (text) => {
      expect(registryAddress(text)).toEqual({ kind: "server", url: "http://mlflow:5000" });
    },
  );

  test.each([
    ["file:registry", "registry"],
    ["file:.retrain/registry", ".retrain/registry"],
    ["FILE:registry", "registry"],
    ["file:/srv/registry", "/srv/registry"],
    ["file:///srv/my%20registry", "/srv/my registry"],
    ["file:///srv/100%", "/srv/100%"],
    ["file:mlflow:5000", "mlflow:5000"],
    ["file:localhost", "localhost"],
    ["/srv/registry", "/srv/registry"],
    ["./registry", "./registry"],
    ["../shared/registry", "../shared/registry"],
    [".", "."],
    [".retrain/registry", ".retrain/registry"],
  ])("%s is a folder", (text, path) => {
    expect(registryAddress(text)).toEqual({ kind: "folder", path });
  });

  test.each([
    ["mlflow:5000", ["http://mlflow:5000", "file:mlflow:5000"]],
    ["localhost:5000", ["http://localhost:5000", "file:localhost:5000"]],
    ["127.0.0.1:5000/prefix", ["http://127.0.0.1:5000/prefix", "file:127.0.0.1:5000/prefix"]],
    ["mlflow", ["http://mlflow", "file:mlflow"]],
    ["registry/", ["http://registry/", "file:registry/"]],
    ["registry/models", ["http://registry/models", "file:registry/models"]],
    ["my registry", ["file:my registry"]],
    ["user:s3cret@mlflow:5000", ["http://mlflow:5000", "file:mlflow:5000"]],
    ["user:s3/cret@mlflow:5000", ["http://mlflow:5000", "file:mlflow:5000"]],
    ["http:mlflow:5000", ["http://mlflow:5000"]],
    ["http:/mlflow:5000", ["http://mlflow:5000"]],
    ["http//mlflow:5000", ["http://mlflow:5000"]],
    ["https:\\\\mlflow", ["https://mlflow"]],
    [" file:registry", ["http://file:registry", "file:file:registry"].slice(1)],
    ["file://registry", ["file://registry".replace("file:", "file:/"), "file:registry"]],
  ] as const)("%s is refused with what it may mean", (text, expected) => {
    if (text === " file:registry") expect(readings(text)).not.toBe("folder");
    else expect(readings(text)).toEqual(expected);
  });

  test.each([
    "",
    " ",
    "file:",
    "file:~/registry",
    "~/registry",
    "state:registry",
    "sqlite:///mlflow.db",
    "postgresql+psycopg2://u:p@host/db",
    "databricks",
    "databricks-uc",
    "databricks://profile",
    "s3://bucket/x",
    "ftp://host",
    "htp://mlflow:5000",
    "http://",
    "http://:5000",
    "http://mlflow:99999",
    "http://ml flow",
    "reg\0istry",
    "file:a\0b",
    "file:a\nb",
    "C:\\registry",
    "C:/registry",
  ])("%j is refused, with a problem in words", (text) => {
    const address = registryAddress(text);
    expect(address).toMatchObject({ kind: "refused", problem: expect.stringMatching(/.{9}/) });
  });

  test("a store of MLflow is told from its server", () => {
    for (const text of ["sqlite:///mlflow.db", "databricks", "s3://bucket"])
      expect(registryAddress(text)).toMatchObject({
        problem: expect.stringContaining("server, not to the store"),
      });
  });
});

test.each([
  ["ftp://user:s3cret@host:5000/path?token=s3cret#s3cret", "ftp://host:5000/path"],
  ["ftp://us@er:s3cret@host/a@b", "ftp://host/a@b"],
  ["user:s3cret@host:5000", "host:5000"],
  ["user:s3/cret@host:5000/x", "host:5000/x"],
  ["http://u:s3?cret@host", "http://host"],
  ["host:5000", "host:5000"],
])("%s is shown without credentials", (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown);
});
