import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { CLOSED, CONTROL, changesSoon, takePart, ticketOf } from "./tickets.js";
import { WORKS } from "./works.js";
import type { RunWork, Shared, Workspace } from "./workspace.js";

/** What a helper is started with. */
export interface HelperData {
  readonly shared: Shared;
  /** Its thread: 1, 2, … */
  readonly thread: number;
  /** Takes the error of a helper that fails. */
  readonly errors: MessagePort;
}

/** This thread and the helpers that it starts: they do parts of its work while it does others. */
export interface Team {
  /**
   * Does not wait for helpers to start: a part that nobody takes is done here.
   * @throws what a helper threw
   */
  readonly run: RunWork;
  /** From the next work on, this thread and so many helpers at least are at it; without any, this one alone. */
  useThreads(threads: number): void;
  close(): void;
}

export function makeTeam(workspace: Workspace): Team {
  const { control, shared } = workspace;
  const ports: MessagePort[] = [];
  let isAlone = true;
  let works = 0;

  const run: RunWork = (work, parts) => {
    if (isAlone || parts === 1) {
      for (let part = 0; part < parts; part++) work(workspace, part, parts, 0);
      return;
    }
    control[CONTROL.work] = WORKS.indexOf(work);
    Atomics.store(control, CONTROL.done, 0);
    Atomics.store(control, CONTROL.ticket, ticketOf(++works, parts));
    if (Atomics.load(control, CONTROL.sleepers) > 0) Atomics.notify(control, CONTROL.ticket);
    for (let own = takePart(workspace); own !== null; own = takePart(workspace)) {
      work(workspace, own.part, own.parts, 0);
      reportDone(control);
    }
    waitForHelpers(control, parts);
    if (Atomics.load(control, CONTROL.isBroken) === 1) throw errorOf(ports);
  };
  return {
    run,
    useThreads(threads) {
      isAlone = threads === 1;
      for (let thread = ports.length + 1; thread < Math.min(threads, workspace.threads); thread++)
        ports.push(startHelper(shared, thread));
    },
    close() {
      Atomics.store(control, CONTROL.ticket, CLOSED);
      Atomics.notify(control, CONTROL.ticket);
      for (const port of ports) port.close();
    },
  };
}

/** Helpers end when the team is closed, and do not keep the process. One that cannot start is an error of the process. */
function startHelper(shared: Shared, thread: number): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const workerData: HelperData = { shared, thread, errors: port2 };
  const options = { workerData, transferList: [port2], execArgv: [] };
  new Worker(new URL("./tree-helper.js", import.meta.url), options).unref();
  return port1;
}

/** Tells the leader that a part is done. */
export function reportDone(control: Int32Array): void {
  Atomics.add(control, CONTROL.done, 1);
  if (Atomics.load(control, CONTROL.isWaiting) === 1) Atomics.notify(control, CONTROL.done);
}

function waitForHelpers(control: Int32Array, parts: number): void {
  for (;;) {
    const done = Atomics.load(control, CONTROL.done);
    if (done === parts) return;
    if (changesSoon(control, CONTROL.done, done)) continue;
    Atomics.store(control, CONTROL.isWaiting, 1);
    Atomics.wait(control, CONTROL.done, done);
    Atomics.store(control, CONTROL.isWaiting, 0);
  }
}

function errorOf(ports: readonly MessagePort[]): unknown {
  for (const port of ports) {
    const received = receiveMessageOnPort(port) as { message: unknown } | undefined;
    if (received !== undefined) return received.message;
  }
  return new Error("a thread failed without saying why");
}
