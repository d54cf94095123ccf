import { expect, test } from "vitest";
import { adoptionKey, promotionKey } from "../../../src/history/alias-trail.js";
import { missingRecord } from "../../../src/history/release-record.js";
import { RUN_TAGS } from "../../../src/history/run-tags.js";
import { IDENTITY_TAG } from "../../../src/kit/model-ref.js";
import type { AliasMove } from "../../../src/kit/registry.js";
import { openPast } from "./past.js";

const moved = (key: string, at: string): AliasMove => ({
  alias: "best",
  from: null,
  to: "1",
  by: "Ada",
  reason: "",
  decision: null,
  key,
  at,
});
const PERSON = adoptionKey("best", "1");
const GATE = promotionKey("best", "sha256:later");

test.each<[string, readonly AliasMove[], string[]]>([
  ["nobody has moved the alias", [], ["moves by run"]],
  ["a person had moved it before that quarter", [moved(PERSON, "2025-06-30T23:00:00Z")], ["moves by run"]],
  ["a person has moved it since", [moved(PERSON, "2025-07-02T00:00:00Z")], []],
  [
    "a person has moved it since, and then the gate",
    [moved(PERSON, "2025-07-02T00:00:00Z"), moved(GATE, "2025-07-03T00:00:00Z")],
    [],
  ],
  ["the gate alone has moved it since", [moved(GATE, "2025-07-03T00:00:00Z")], ["moves by run"]],
])("a promotion whose move is lost, where %s", async (_, moves, expected) => {
  const past = await openPast();
  const tags = { [RUN_TAGS.promoted]: "true", [RUN_TAGS.decision]: "sha256:lost" };
  const { version } = await past.run("2025Q2", { tags });
  const found = (await past.registry.getVersion("demand", version))!;
  const release = { alias: "best", version: { ...found, tags: { [IDENTITY_TAG]: "sha256:1" } }, moves };
  const missing = await missingRecord(past.registry, release);
  expect(missing.map(({ what, witness }) => `${what} by ${witness}`)).toEqual(expected);
});
