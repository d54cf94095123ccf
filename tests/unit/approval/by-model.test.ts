import { describe } from "vitest";
import { embeddedBench } from "./approval-bench.js";
import { decisionsByModel } from "./by-model.js";

describe("on the embedded registry", () => decisionsByModel(async () => embeddedBench()));
