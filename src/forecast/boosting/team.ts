import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { fail } from "../../kit/failure.js";
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
   * @throws FailureError forecast.thread-lost when a helper does not finish the part that it took
   */
  readonly run: RunWork;
  /** From the next work on, this thread and so many helpers at least are at it; without any, this one alone. */
  useThreads(threads: number): void;
  close(): void;
}

/** Seconds without any part done after which a helper is taken for dead. The longest part takes a few. */
const PATIENCE = 120;

/** @param patience see `PATIENCE` */
export function makeTeam(workspace: Workspace, patience = PATIENCE): Team {
  const { control, shared } = workspace;
  const ports: MessagePort[] = [];
  /** What ended a helper, which this thread hears of between two fits only. */
  const lost = (error: Error): void => {
    // The fit failed by then, and said so.
    if (Atomics.load(control, CONTROL.isBroken) === 0) throw error;
  };
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
    if (!helpersFinish(control, parts, patience)) {
      Atomics.store(control, CONTROL.isBroken, 1);
      fail({ code: "forecast.thread-lost", retryable: true, seconds: patience });
    }
    if (Atomics.load(control, CONTROL.isBroken) === 1) throw errorOf(ports);
  };
  return {
    run,
    useThreads(threads) {
      isAlone = threads === 1;
      for (let thread = ports.length + 1; thread < Math.min(threads, workspace.threads); thread++)
        ports.push(startHelper(shared, thread, lost));
    },
    close() {
      Atomics.store(control, CONTROL.ticket, CLOSED);
      Atomics.notify(control, CONTROL.ticket);
      for (const port of ports) port.close();
    },
  };
}

/** Helpers end when the team is closed, and do not keep the process. One that cannot start is an error of the process. */
function startHelper(shared: Shared, thread: number, onError: (error: Error) => void): MessagePort {
  const { port1, port2 } = new MessageChannel();
  const workerData: HelperData = { shared, thread, errors: port2 };
  const options = { workerData, transferList: [port2], execArgv: [] };
  new Worker(new URL("./tree-helper.js", import.meta.url), options).on("error", onError).unref();
  return port1;
}

/** Tells the leader that a part is done. */
export function reportDone(control: Int32Array): void {
  Atomics.add(control, CONTROL.done, 1);
  if (Atomics.load(control, CONTROL.isWaiting) === 1) Atomics.notify(control, CONTROL.done);
}

/**
 * A thread that ends in the middle of a part, as one without memory does, tells nobody: this one is asleep, and would
 * stay so. Nobody else can do the part, as some add to what is there and may have been half-way. Each second is one of
 * this thread's own, so that none pass while the whole process is halted.
 * @returns false when no part was done in so many seconds
 */
function helpersFinish(control: Int32Array, parts: number, patience: number): boolean {
  let done = Atomics.load(control, CONTROL.done);
  for (let seconds = 0; done !== parts && seconds < patience; ) {
    if (!changesSoon(control, CONTROL.done, done)) {
      Atomics.store(control, CONTROL.isWaiting, 1);
      Atomics.wait(control, CONTROL.done, done, 1000);
      Atomics.store(control, CONTROL.isWaiting, 0);
    }
    const before = done;
    done = Atomics.load(control, CONTROL.done);
    seconds = done === before ? seconds + 1 : 0;
  }
  return done === parts;
}

function errorOf(ports: readonly MessagePort[]): unknown {
  for (const port of ports) {
    const received = receiveMessageOnPort(port) as { message: unknown } | undefined;
    if (received !== undefined) return received.message;
  }
  return new Error("a thread failed without saying why");
}
