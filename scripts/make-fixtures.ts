import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fixtureFiles } from "./fixtures/files.js";

for (const [path, content] of fixtureFiles()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
