import { stepTypes } from "../../../steps/index.js";
import { runbookJsonSchema } from "../../runbook/schema.js";
import { openTerminal } from "../terminal.js";

export async function schema(): Promise<void> {
  openTerminal().data(`${JSON.stringify(runbookJsonSchema(stepTypes), null, 2)}\n`);
}
