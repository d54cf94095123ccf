import { workerData } from "node:worker_threads";
import { type HelperData, reportDone } from "./team.js";
import { CLOSED, CONTROL, changesSoon, hasParts, takePart } from "./tickets.js";
import { WORKS } from "./works.js";
import { openWorkspace, type Workspace } from "./workspace.js";

/** Entry of a thread that helps another to grow trees, see `makeTeam`. */
const { shared, thread, errors } = workerData as HelperData;

function help(workspace: Workspace): void {
  const { control } = workspace;
  for (;;) {
    const ticket = Atomics.load(control, CONTROL.ticket);
    if (ticket === CLOSED) return;
    if (!hasParts(ticket)) {
      sleepAt(control, ticket);
      continue;
    }
    const taken = takePart(workspace);
    if (taken === null) continue;
    try {
      WORKS[control[CONTROL.work]!]!(workspace, taken.part, taken.parts, thread);
    } catch (error) {
      errors.postMessage(error);
      Atomics.store(control, CONTROL.isBroken, 1);
    }
    reportDone(control);
  }
}

/** Until there is another ticket. */
function sleepAt(control: Int32Array, ticket: number): void {
  if (changesSoon(control, CONTROL.ticket, ticket)) return;
  Atomics.add(control, CONTROL.sleepers, 1);
  Atomics.wait(control, CONTROL.ticket, ticket);
  Atomics.sub(control, CONTROL.sleepers, 1);
}

help(openWorkspace(shared));
errors.close();
