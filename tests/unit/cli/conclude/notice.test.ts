import { describe, expect, test } from "vitest";
import { noticeOf } from "../../../../src/cli/conclude/notice.js";
import { noticeLinks } from "../../../../src/cli/conclude/notice-links.js";
import { VERDICTS } from "../../../../src/kit/events.js";
import { commandsFor } from "../../../../src/report/commands.js";
import { buildEscalation } from "../../../../src/report/escalation/build.js";
import { buildRunDocument } from "../../../../src/report/run-document.js";
import { decision, documentInput, escalationInput } from "../../report/sample.js";

const commands = commandsFor({ runbook: null, stateDir: null, overrides: [], dryRun: false });
const links = [{ label: "CI job", url: "https://ci.example/1" }];
const document = buildRunDocument(documentInput(true));
const escalation = buildEscalation(escalationInput());
const told = (change: Partial<typeof document>) =>
  noticeOf({ document: { ...document, ...change }, escalation, commands, links });

describe("what people are told", () => {
  test("of an escalation: its page, and a key made of the decision alone", () => {
    const notice = told({ verdict: "escalated" })!;
    expect(notice).toMatchObject({
      occasion: "escalated",
      subject: decision(true).digest,
      payload: escalation,
    });
    expect(notice.summary).toEqual([escalation.now, escalation.stays, escalation.why]);
    expect(notice.points).toHaveLength(escalation.rules.failed.length + escalation.rules.unknown.length);
    expect(notice.commands).toEqual(escalation.next);
    const cause = { cause: "level-shift", title: "The level moved in 2025-05", evidence: [], score: 0.9 };
    const diagnosed = { ...escalation, diagnosis: [cause] };
    const withCause = noticeOf({
      document: { ...document, verdict: "escalated" },
      escalation: diagnosed,
      commands,
      links,
    })!;
    expect(withCause.facts).toContainEqual({ label: "Likely cause", value: cause.title });
  });

  test("of a promotion and of a failure: a short message of their own", () => {
    const promoted = told({ verdict: "promoted" })!;
    expect(promoted.subject).not.toBe(decision(true).digest);
    expect(promoted.title).toMatch(/promoted: version \d+ is live$/);
    const failure = {
      code: "data.empty",
      title: "panel.csv is empty",
      where: null,
      expected: null,
      details: [],
      next: [],
    };
    const steps = document.steps.map((step, i) =>
      i === 0 ? { ...step, status: "failed" as const, failure } : step,
    );
    const failed = told({ verdict: "failed", steps })!;
    expect(failed.subject).toBe(`${document.run} failed`);
    expect(failed.points).toEqual([`${steps[0]!.id}: panel.csv is empty`]);
    for (const notice of [promoted, failed]) {
      expect(notice.markdown).toContain(notice.commands[0]!.command);
      expect(notice.markdown).toContain("[CI job](https://ci.example/1)");
    }
  });

  test("of any other end: nothing", () => {
    const silent = VERDICTS.filter((verdict) => told({ verdict }) === null);
    expect(silent).toEqual(["completed", "interrupted", "would-promote", "would-escalate"]);
  });
});

test("links: the version on an MLflow server, and the CI job", () => {
  const candidate = { name: "room demand", version: "4" };
  const mlflow = { kind: "mlflow", uri: "https://mlflow.example/" } as const;
  const github = { GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "a/b", GITHUB_RUN_ID: "7" };
  expect(noticeLinks(mlflow, candidate, github)).toEqual([
    { label: "Version in MLflow", url: "https://mlflow.example/#/models/room%20demand/versions/4" },
    { label: "CI job", url: "https://github.com/a/b/actions/runs/7" },
  ]);
  expect(
    noticeLinks({ kind: "embedded", uri: "file:/x" }, candidate, { CI_JOB_URL: "https://gitlab/j/1" }),
  ).toEqual([{ label: "CI job", url: "https://gitlab/j/1" }]);
  expect(noticeLinks(mlflow, null, {})).toEqual([]);
});
