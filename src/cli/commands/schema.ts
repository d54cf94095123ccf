import { stepTypes } from "../../../steps/index.js";
import { runbookJsonSchema } from "../../runbook/schema.js";
import { openTerminal } from "../terminal.js";

export async function schema(): Promise<void> {
  openTerminal().document(runbookJsonSchema(stepTypes));
}
