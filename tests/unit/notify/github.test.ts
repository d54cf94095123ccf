import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { deliverNotice } from "../../../src/notify/deliver.js";
import { githubIssueChannel } from "../../../src/notify/github-issue.js";
import { githubSummaryChannel } from "../../../src/notify/github-summary.js";
import { delivery, NOTICE, SECRET, serve, status } from "./support.js";

/** As much of GitHub's REST API as issues need: newest first, pages of `per_page`. */
async function github(existing = 0, lostAnswers = 0) {
  const issues = Array.from({ length: existing }, (_, i) => ({
    title: `old ${i}`,
    body: null as string | null,
  }));
  let lost = 0;
  const server = await serve((response, { method, url, headers, body }) => {
    const { pathname, searchParams } = new URL(url!, "http://github");
    if (pathname !== "/api/v3/repos/acme/forecasts/issues") return void response.writeHead(404).end("{}");
    if (headers.authorization !== `Bearer ${SECRET}`)
      return void response
        .writeHead(401)
        .end(JSON.stringify({ message: `Bad credentials ${headers.authorization}` }));
    if (method === "POST") {
      issues.unshift(JSON.parse(body) as (typeof issues)[number]);
      if (lost++ < lostAnswers) return void response.destroy();
      return void response.writeHead(201).end("{}");
    }
    const [size, page] = [Number(searchParams.get("per_page")), Number(searchParams.get("page"))];
    response.writeHead(200).end(JSON.stringify(issues.slice((page - 1) * size, page * size)));
  });
  return { ...server, issues };
}

const channel = (host: string, token = SECRET) =>
  githubIssueChannel({
    repository: "acme/forecasts",
    token,
    labels: ["forecast"],
    api: `http://${host}/api/v3/`,
  });

describe("a GitHub issue", () => {
  test("is opened with labels, the page and a marker", async () => {
    const { host, issues } = await github(3);
    expect(await deliverNotice([channel(host)], NOTICE, delivery())).toMatchObject([
      { target: "GitHub issue in acme/forecasts", state: "delivered" },
    ]);
    expect(issues[0]).toMatchObject({ title: NOTICE.title, labels: ["forecast"] });
    expect(issues[0]!.body).toMatch(/^# Escalated: room-demand[\s\S]*<!-- retrain [0-9a-f]{64} -->\n$/);
  });

  test("is one for a decision, also when the answer was lost and nobody remembers", async () => {
    const { host, issues } = await github(250, 1);
    expect(await deliverNotice([channel(host)], NOTICE, delivery())).toMatchObject([
      { state: "delivered", attempts: 2 },
    ]);
    await deliverNotice([channel(host)], NOTICE, delivery());
    expect(issues).toHaveLength(251);
    issues.unshift(...Array.from({ length: 150 }, (_, i) => ({ title: `newer ${i}`, body: "" })));
    await deliverNotice([channel(host)], NOTICE, delivery());
    expect(issues).toHaveLength(401);
    await deliverNotice([channel(host)], { ...NOTICE, subject: "sha256:d2" }, delivery());
    expect(issues).toHaveLength(402);
  });

  test("a wrong token is told without it", async () => {
    const { host } = await github();
    const wrong = `${SECRET}-old`;
    const [told] = await deliverNotice([channel(host, wrong)], NOTICE, delivery());
    expect(told).toMatchObject({
      state: "failed",
      attempts: 1,
      problem: "it answered 401: Bad credentials Bearer ***",
    });
    expect(JSON.stringify(told)).not.toContain(SECRET);
  });

  test("a limit of the rate is waited for; a refusal is not", async () => {
    const limited = await status(403, { "retry-after": "1" }, '{"message":"secondary rate limit"}');
    const [told] = await deliverNotice([channel(limited.host)], NOTICE, delivery());
    expect(told).toMatchObject({ attempts: 3, problem: "it answered 403: secondary rate limit" });
    const forbidden = await status(403, {}, '{"message":"Resource not accessible"}');
    const [refused] = await deliverNotice([channel(forbidden.host)], NOTICE, delivery());
    expect(refused).toMatchObject({ attempts: 1, problem: "it answered 403: Resource not accessible" });
  });

  test("what is no GitHub is said", async () => {
    const { host } = await status(200, {}, "<html>");
    const [told] = await deliverNotice([channel(host)], NOTICE, delivery());
    expect(told).toMatchObject({ problem: "its answer is no list of issues" });
  });
});

describe("a GitHub job summary", () => {
  test("is appended to, once a decision and job", async () => {
    const folder = mkdtempSync(join(tmpdir(), "retrain-summary-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const options = delivery();
    const file = join(folder, "step-1");
    for (let run = 0; run < 2; run++) await deliverNotice([githubSummaryChannel(file)], NOTICE, options);
    expect(readFileSync(file, "utf8")).toBe(`${NOTICE.markdown}\n`);
    await deliverNotice([githubSummaryChannel(join(folder, "step-2"))], NOTICE, options);
    expect(readFileSync(join(folder, "step-2"), "utf8")).toBe(`${NOTICE.markdown}\n`);
    const [told] = await deliverNotice([githubSummaryChannel(folder)], NOTICE, delivery());
    expect(told).toMatchObject({ problem: "the file in GITHUB_STEP_SUMMARY cannot be written: EISDIR" });
  });
});
