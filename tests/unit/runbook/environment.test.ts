// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how references to the environment look
import { describe, expect, test } from "vitest";
import { change, diagnosticsOf, runbookOf, SMALL } from "./support.js";

const withFolds = (written: string) =>
  change(
    "  - { id: train, uses: train-pooled-cv, with: { folds: 3 } }",
    `  - id: train\n    uses: train-pooled-cv\n    with:\n      folds: ${written}`,
  );
const foldsOf = (written: string, env: Record<string, string> = {}) =>
  (runbookOf(withFolds(written), { env }).steps[1]!.params as { folds: number }).folds;
const nameOf = (written: string, env: Record<string, string> = {}) =>
  runbookOf(change("model: { name: demand", `model: { name: ${written}`), { env }).model.name;

describe("references", () => {
  test("a set variable, a default, and a default for an empty variable", () => {
    expect(nameOf('"${NAME}"', { NAME: "rooms" })).toBe("rooms");
    expect(nameOf('"${NAME:-rooms}"')).toBe("rooms");
    expect(nameOf('"${NAME:-rooms}"', { NAME: "" })).toBe("rooms");
    expect(nameOf('"${NAME:-rooms}"', { NAME: "beds" })).toBe("beds");
  });

  test("several in one text, a plain dollar, and a brace in a default", () => {
    expect(nameOf('"${A}-${B:-b}-$$5-$6"', { A: "a" })).toBe("a-b-$5-$6");
    expect(nameOf('"${A:-x\\\\}y}"')).toBe("x}y");
  });

  test("what a variable holds is not expanded again", () => {
    expect(nameOf('"${A}"', { A: "${B}", B: "no" })).toBe("${B}");
  });

  test("a plain reference is typed like any plain scalar, a quoted one is text", () => {
    expect(foldsOf("${FOLDS:-4}")).toBe(4);
    expect(foldsOf("${FOLDS:-4}", { FOLDS: "+5" })).toBe(5);
    expect(nameOf('"${N}"', { N: "12" })).toBe("12");
    expect(diagnosticsOf(withFolds('"${FOLDS:-4}"'))).toMatchObject([
      { message: "expected a number, got the value of ${FOLDS:-4}" },
    ]);
    expect(diagnosticsOf(withFolds("${FOLDS}"), { env: { FOLDS: "true" } })).toHaveLength(1);
    expect(diagnosticsOf(withFolds("a${FOLDS}"), { env: { FOLDS: "1" } })).toHaveLength(1);
  });

  test("names of Object.prototype are variables like others", () => {
    expect(diagnosticsOf(withFolds("${constructor}"))).toMatchObject([
      { message: "the environment variable constructor is not set" },
    ]);
  });

  test("all that is not set or no reference is reported, each at its place", () => {
    const text = withFolds("${FOLDS}").replace("model: { name: demand", 'model: { name: "${no name}"');
    const found = diagnosticsOf(text).filter(({ code }) => code === "runbook.environment");
    expect(found).toMatchObject([
      { path: "model.name", span: { line: 11, column: 16 } },
      { path: "steps.train.with.folds", suggestion: "export FOLDS=… or write ${FOLDS:-default}" },
    ]);
  });
});

describe("values from the environment", () => {
  const SECRET = "hush-7f3a9c";

  test("are shown as they were written, in every diagnostic", () => {
    const env = { TOKEN: SECRET };
    const text = withFolds('"${TOKEN}"')
      .replace("uses: train-pooled-cv", 'uses: "${TOKEN}"')
      .replace("frequency: month", 'frequency: "${TOKEN}"');
    const found = diagnosticsOf(text, { env });
    expect(found.length).toBeGreaterThan(1);
    expect(JSON.stringify(found)).not.toContain(SECRET);
    expect(JSON.stringify(found)).toContain("${TOKEN}");
  });

  test("are in the digest and in the recorded parameters by their digest only, through aliases too", () => {
    const text = `${change("ranges: { sales: { min: 0 } }", 'drift: { features: [&token "${TOKEN}", *token] }')}`;
    const [one, same, other] = [SECRET, SECRET, "another"].map((TOKEN) =>
      runbookOf(text, { env: { TOKEN } }),
    );
    expect(one!.digest).toBe(same!.digest);
    expect(one!.digest).not.toBe(other!.digest);
    expect(one!.secrets).toEqual([SECRET]);
    expect(JSON.stringify(one!.steps[0]!.recordedParams)).not.toContain(SECRET);
    expect(one!.steps[0]!.params).toMatchObject({ drift: { features: [SECRET, SECRET] } });
  });

  test("defaults and short values are no secrets", () => {
    expect(runbookOf(withFolds("${FOLDS:-3}")).secrets).toEqual([]);
    expect(runbookOf(withFolds("${FOLDS:-3}"), { env: { FOLDS: "5" } }).secrets).toEqual([]);
  });

  const secretsAt = (written: string, env: Record<string, string>) =>
    runbookOf(`${SMALL}registry: { uri: "${written}" }\n`, { env }).secrets;

  test.each<[string, Record<string, string>, string[]]>([
    ["${URI}", { URI: "http://mlflow:5000/team" }, []],
    ["${URI:-file:x}", {}, []],
    ["${URI}", { URI: "file:/data/@me/registry" }, []],
    [
      "${URI}",
      { URI: "http://alice:pa%20ss%20word@mlflow:5000" },
      ["alice:pa%20ss%20word", "pa%20ss%20word", "pa ss word"],
    ],
    ["${URI}", { URI: "http://a-long-token@mlflow:5000" }, ["a-long-token"]],
    ["${URI}", { URI: "http://al:short@mlflow:5000" }, ["al:short"]],
    ["${URI}", { URI: "https://mlflow/?key=hush" }, ["key=hush"]],
    ["http://alice:${PASSWORD}@${HOST}", { PASSWORD: SECRET, HOST: "mlflow" }, [`alice:${SECRET}`, SECRET]],
  ])(
    "of the registry's address %s with %j only user, password and query are hidden",
    (written, env, secrets) => {
      expect(secretsAt(written, env)).toEqual(secrets);
    },
  );

  test("the same variable somewhere else is hidden whole", () => {
    const text = withFolds('"${URI}"');
    const address = "http://mlflow:5000";
    expect(diagnosticsOf(text, { env: { URI: address } }).length).toBeGreaterThan(0);
    expect(JSON.stringify(diagnosticsOf(text, { env: { URI: address } }))).not.toContain(address);
  });
});
