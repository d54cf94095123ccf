// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how references to the environment look
import { describe, expect, test } from "vitest";
import { diagnosticsOf, type Given, marked, runbookOf, SMALL } from "./support.js";

const SERVER = 'registry: { uri: "http://mlflow:5000" }\n';
const set = (path: string, value: string, text = SMALL, given: Given = {}) =>
  diagnosticsOf(text, { ...given, set: [`${path}=${JSON.stringify(value)}`] }).map(({ message }) => message);

describe("the registry's address", () => {
  test("is refused where it stands, with both readings", () => {
    const [found, ...others] = diagnosticsOf(`${SMALL}registry: { uri: "mlflow:5000" }\n`);
    expect(others).toEqual([]);
    expect(marked(found!)).toBe('"mlflow:5000"');
    expect(found).toMatchObject({
      path: "registry.uri",
      message:
        '"mlflow:5000" is no address of a registry: it says neither that it is a server nor that it is a folder',
      suggestion: "write `http://mlflow:5000` for an MLflow server, or `file:mlflow:5000` for a folder",
    });
  });

  test("from the environment is held to the same, and shows no password", () => {
    const text = `${SMALL}registry: { uri: "\${MLFLOW_TRACKING_URI:-file:.retrain/registry}" }\n`;
    const given = (uri: string): Given => ({ env: { MLFLOW_TRACKING_URI: uri } });
    for (const uri of [
      "mlflow",
      "sqlite:///mlflow.db",
      "databricks",
      "u:S3CRETpass@mlflow:5000",
      "http://u:S3CRET/pa@ss@mlflow:5000",
    ]) {
      const found = diagnosticsOf(text, given(uri));
      expect(found).toHaveLength(1);
      expect(JSON.stringify(found)).not.toContain("S3CRET");
    }
    expect(runbookOf(text, given("http://mlflow:5000\r")).registryUri).toBe("http://mlflow:5000");
    expect(runbookOf(text, given("")).registryUri).toBe("state:registry");
  });

  test.each([
    ["file:registry", /^file:\/.*\/some\/registry$/],
    ["FILE:registry", /^file:\/.*\/some\/registry$/],
    ["./registry", /^file:\/.*\/some\/registry$/],
    ["../registry", /^file:\/.*[^e]\/registry$/],
    ["/srv/registry", /^file:\/srv\/registry$/],
    ["file:///srv/my%20registry", /^file:\/srv\/my registry$/],
    [".retrain/registry", /^state:registry$/],
    ["file:.retrain/a/b", /^state:a\/b$/],
    ["HTTPS://mlflow", /^HTTPS:\/\/mlflow$/],
  ])("%s is taken", (uri, expected) => {
    expect(runbookOf(`${SMALL}registry: { uri: "${uri}" }\n`).registryUri).toMatch(expected);
  });
});

describe("names that the registry refuses are refused by check", () => {
  test.each([
    ["latest", true],
    ["LATEST", true],
    ["v1", true],
    ["V12", true],
    ["../x", true],
    ["a b", true],
    ["a/b", true],
    ["a:b", true],
    ["a\u0007", true],
    ["e\u0301", true],
    ["x".repeat(256), true],
    ["x".repeat(255), false],
    ["v", false],
    ["version1", false],
    ["予測_本番-1", false],
  ])("alias %j: %j", (alias, isRefused) => {
    expect(set("model.alias", alias)).toHaveLength(isRefused ? 1 : 0);
  });

  test.each([
    ["a/b", true],
    ["a:b", true],
    ["..", true],
    [".hidden", true],
    ["a\u0000b", true],
    ["a\u001b[31mb", true],
    ["a\nb", true],
    ["a".repeat(251), true],
    ["予".repeat(250), false],
    ["Café (Nord) 'x' ~ *!", false],
    ["Cafe\u0301", false],
    ["CON", false],
    ["demand~moves", false],
    [" ", false],
  ])("model name %j: %j", (name, isRefused) => {
    expect(set("model.name", name)).toHaveLength(isRefused ? 1 : 0);
  });

  test("a server refuses more: names of ledgers, and blanks alone", () => {
    expect(set("model.name", "demand~moves", SMALL + SERVER)).toHaveLength(1);
    expect(set("model.name", " ", SMALL + SERVER)).toHaveLength(1);
    expect(set("name", " ", SMALL + SERVER)).toHaveLength(1);
    expect(set("name", "予".repeat(250), SMALL + SERVER)).toEqual([]);
  });

  test.each([
    ["a\nb", true],
    ["n".repeat(251), true],
    ["../x: y", false],
  ])("name of the runbook, and of its experiment: %j: %j", (name, isRefused) => {
    expect(set("name", name)).toHaveLength(isRefused ? 1 : 0);
  });

  test("what a message repeats is quoted, cut and without control characters", () => {
    const [message] = set("model.alias", `\u001b[31m${"x".repeat(300)}`);
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message!.length).toBeLessThan(200);
  });

  test("the alias of register-model is one too, and never the live one", () => {
    const text = (alias: string) =>
      SMALL.replace(
        "  - id: gate\n",
        `  - { id: register, uses: register-model, with: { alias: "${alias}" } }\n  - id: gate\n`,
      );
    const messages = (alias: string) => diagnosticsOf(text(alias)).map(({ message }) => message);
    expect(messages("staging")).toEqual([]);
    expect(messages("latest")).toEqual([expect.stringContaining("reserved")]);
  });
});
