import { describe, expect, test } from "vitest";
import { RunbookFile } from "../../../src/runbook/schema.js";

const problemsOf = (approvals: unknown): string[] => {
  const parsed = RunbookFile.shape.escalation.safeParse({ approvals });
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
};

describe("escalation.approvals", () => {
  test.each([
    [{}],
    [{ required: 2 }],
    [{ approvers: ["Ada", "佐藤 花子"], required: 2 }],
    [{ approvers: ["Ada"] }],
  ])("%j is fine", (approvals) => expect(problemsOf(approvals)).toEqual([]));

  test.each([
    [{ approvers: ["Ada"], required: 2 }, /^approvals.approvers: two people have to approve/],
    [{ required: 3 }, /^approvals.required/],
    [{ approvers: [" "] }, /^approvals.approvers.0/],
    [{ approver: ["Ada"] }, /^approvals: /],
  ])("%j is not", (approvals, problem) => expect(problemsOf(approvals)[0]).toMatch(problem));
});
