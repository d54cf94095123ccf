// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how references to the environment look
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { retrain } from "../support/cli.js";
import { describeWithMlflow } from "../support/mlflow/require.js";
import { simpleProject } from "../support/project.js";
import { SHAPES, traces } from "../unit/kit/secrets/shapes.js";

/** Of channels and the registry: what fits into a header or an address. */
const OTHERS = {
  webhook: "T0Wq8Rz2LmXv5KpYb7Nc",
  smtp: "s p\"w<9>'x\\y&z_88",
  routing: "5f4dcc3b5aa765d61d8327deb882cf99",
  github: "github_pat_11AAxYz09",
  notify: "notify-arg-4711-secret",
  registry: "r/eg?is#try@pass:w0rd",
  literal: "literal-api-key-0815",
  source: "pass-in-source-url-1",
};

/** Prints every variable that begins with S_, in every way that programs do. */
const LEAK = `
import base64, json, os, sys, urllib.parse
for name in sorted(n for n in os.environ if n.startswith("S_") or n == "API_KEY"):
    s = os.environ[name]
    for out in (sys.stdout, sys.stderr):
        print(s, json.dumps(s), json.dumps(json.dumps(s)), repr(s).encode("unicode_escape").decode(), file=out)
        print(urllib.parse.quote(s), urllib.parse.quote_plus(s), urllib.parse.quote(s, safe=""), file=out)
        print("Authorization: Basic", base64.b64encode(("user:" + s).encode()).decode(), file=out)
        print(base64.encodebytes(s.encode()).decode(), s.encode().hex(), file=out)
        for at in range(0, len(s), 13):
            print(s[at:at + 13], file=out)
        out.flush()
if "RETRAIN_CONTEXT" in os.environ:
    # The summary goes into the record, the pages and the registry.
    summary = "bad " + os.environ["S_token"] + " " + os.environ["S_spaced"]
    with open(json.load(open(os.environ["RETRAIN_CONTEXT"]))["result"], "w") as file:
        json.dump({"summary": summary}, file)
`;

async function listening(server: Server): Promise<number> {
  await new Promise<void>((started) => server.listen(0, "127.0.0.1", started));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Refuses everything and repeats what it was sent, as badly made services do. */
const parrot = () =>
  listening(
    createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        response.writeHead(400, { "content-type": "application/json" });
        const said = `${request.url} ${JSON.stringify(request.headers)} ${body}`;
        response.end(JSON.stringify({ message: said, errors: [said] }));
      });
    }),
  );

function project(uri: string, port: number): string {
  const cwd = simpleProject();
  writeFileSync(join(cwd, "leak.py"), LEAK);
  const path = join(cwd, "runbook.yaml");
  const env = Object.keys(SHAPES).map((shape) => `S_${shape}: "\${S_${shape}}"`);
  const text = readFileSync(path, "utf8")
    .replace(/^registry: .*$/m, `registry: { uri: ${JSON.stringify(uri)} }`)
    .replace(
      "  - { id: segments,",
      `  - { id: leak, uses: command, with: { run: [python3, leak.py], env: { ${env.join(", ")}, API_KEY: ${OTHERS.literal} } } }\n  - { id: segments,`,
    );
  const notify = `
escalation:
  notify:
    - { webhook: "http://127.0.0.1:${port}/hook/${OTHERS.webhook}", on: always }
    - { email: { to: a@b.c, from: d@e.f, server: "smtp://127.0.0.1:9", user: mailer, password: "\${SMTP}" }, on: always }
    - { pagerduty: { routingKey: ${OTHERS.routing}, url: "http://127.0.0.1:${port}/v2/enqueue" }, on: always }
    - { github: { issue: { repository: a/b, token: "\${GH}", url: "http://127.0.0.1:${port}" } }, on: always }
    - { command: [sh, -c, 'echo "bad key $0" >&2; exit 1', "\${NOTIFY}"], on: always }
`;
  writeFileSync(path, `${text.slice(0, text.search(/^escalation:/m))}${notify}`);
  return cwd;
}

const ENV = {
  ...Object.fromEntries(Object.entries(SHAPES).map(([shape, secret]) => [`S_${shape}`, secret])),
  SMTP: OTHERS.smtp,
  GH: OTHERS.github,
  NOTIFY: OTHERS.notify,
};

const ALL = [...Object.entries(SHAPES), ...Object.entries(OTHERS)];

/** What of a secret is legible in these bytes. */
function found(where: string, bytes: Buffer | string): string[] {
  const text = typeof bytes === "string" ? bytes : bytes.toString("utf8");
  return ALL.flatMap(([name, secret]) =>
    traces(secret)
      .filter((trace) => text.includes(trace))
      .map(
        (trace) =>
          `${where}: ${name}: ${trace.slice(0, 12)}… in ${text.slice(Math.max(0, text.indexOf(trace) - 60), text.indexOf(trace) + 90)}`,
      ),
  );
}

function written(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => found(path.slice(folder.length), readFileSync(path)));
}

/** Runs the commands, and collects what they print. */
async function run(
  cwd: string,
  more: Readonly<Record<string, string>> = {},
  isBrief = false,
): Promise<string[]> {
  const summary = join(cwd, ".retrain", "github-summary.md");
  const env = { ...ENV, ...more, GITHUB_STEP_SUMMARY: summary };
  const leaks: string[] = [];
  mkdirSync(join(cwd, ".retrain"), { recursive: true });
  let said = "";
  const type = async (...command: string[]) => {
    const { exitCode, stdout, stderr } = await retrain(command, { cwd, env });
    leaks.push(
      ...found(`stdout of ${command.join(" ")}`, stdout),
      ...found(`stderr of ${command.join(" ")}`, stderr),
    );
    said += stdout + stderr;
    return exitCode;
  };
  expect(await type("quarter", "2025Q2", "--json", "--events", join(".retrain", "events.jsonl")), said).toBe(
    0,
  );
  // The step fails behind what it printed: the end of its log goes into journal, pages, messages and the terminal.
  writeFileSync(join(cwd, "leak.py"), `${LEAK}\nsys.exit(3)\n`);
  await type("quarter", "2025Q2", "--fresh", "--events", "-");
  if (isBrief) return [...leaks, ...written(join(cwd, ".retrain"))];
  await type("status");
  await type("status", "--json");
  await type("report", "--format", "github");
  await type("explain", "2025Q2", "leak");
  await type("plan", "2025Q2", "--json");
  await type("notify", "test");
  await type("models", "--json");
  await type(
    "quarter",
    "2025Q2",
    "--set",
    `data.source=https://me:${OTHERS.source}@host/x.csv?token=${OTHERS.source}`,
  );
  await type("check", "--set", `model.alias=${OTHERS.github}/x`);
  // A learner that prints them, and fails.
  const learner = `[{ command: [python3, leak.py], env: { S_pem: '\${S_pem}', S_credential: '\${S_credential}', API_KEY: ${OTHERS.literal} } }]`;
  writeFileSync(
    join(cwd, "runbook.yaml"),
    readFileSync(join(cwd, "runbook.yaml"), "utf8")
      .replace(/ {2}- \{ id: leak,.*\n/, "")
      .replace("learners: [pooled-ridge]", `learners: ${learner}`),
  );
  await type("quarter", "2025Q2", "--json");
  expect(said).toContain("***");
  const log = readFileSync(join(cwd, ".retrain", "runs", "2025Q2-1", "steps", "leak.log"), "utf8");
  expect(log.split("***").length).toBeGreaterThan(20);
  return [...leaks, ...written(join(cwd, ".retrain"))];
}

describe("secrets of ten shapes leave by no door", () => {
  test("of the embedded registry", async () => {
    const cwd = project("file:.retrain/registry", await parrot());
    expect(await run(cwd)).toEqual([]);
  });

  describeWithMlflow("of an MLflow server", "sqlite", (uri) => {
    test("nor into its store", async () => {
      const sent: string[] = [];
      const target = new URL(uri);
      const port = await listening(
        createServer((request, response) => {
          const chunks: Buffer[] = [];
          request.on("data", (chunk: Buffer) => chunks.push(chunk));
          request.on("end", () => {
            const body = Buffer.concat(chunks);
            sent.push(
              ...found(`${request.method} ${request.url}`, `${request.url} ${body.toString("utf8")}`),
            );
            const { authorization: _, ...headers } = request.headers;
            const call = httpRequest(
              {
                host: target.hostname,
                port: target.port,
                method: request.method,
                path: request.url,
                headers: { ...headers, host: target.host },
              },
              (answer) => {
                response.writeHead(answer.statusCode!, answer.headers);
                answer.pipe(response);
              },
            );
            call.end(body);
          });
        }),
      );
      const name = `secrets-${process.pid}-${Date.now()}`;
      const cwd = project("${REGISTRY}", await parrot());
      const path = join(cwd, "runbook.yaml");
      writeFileSync(path, readFileSync(path, "utf8").replaceAll("name: room-demand", `name: ${name}`));
      const REGISTRY = `http://me:${encodeURIComponent(OTHERS.registry)}@127.0.0.1:${port}`;
      expect(await run(cwd, { REGISTRY }, true)).toEqual([]);
      expect(sent).toEqual([]);
    });
  });
});

test("what is not hidden stays legible: a webhook's short path, and a short value", async () => {
  const folder = simpleProject();
  const path = join(folder, "runbook.yaml");
  const text = readFileSync(path, "utf8");
  writeFileSync(
    path,
    `${text.slice(0, text.search(/^escalation:/m))}\nescalation: { notify: [{ webhook: "http://127.0.0.1:9/multi" }] }\n`,
  );
  const { stderr } = await retrain(["quarter", "2025Q2", "--set", "data.source=/multi/multi.csv"], {
    cwd: folder,
  });
  expect(stderr).toContain("/multi/multi.csv");
});
