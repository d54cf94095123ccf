import { systemWait } from "../../engine/attempts.js";
import type { ChannelSpec, Delivery } from "../../kit/channels.js";
import { fail } from "../../kit/failure.js";
import { mapTexts } from "../../kit/json.js";
import { programName } from "../../kit/program-name.js";
import { deliverNotice } from "../../notify/deliver.js";
import type { NotificationLedger } from "../../notify/ledger.js";
import type { Notice } from "../../notify/notice.js";
import { openChannels } from "../../notify/open.js";
import { commandsFor } from "../../report/commands.js";
import { deliveryTable } from "../../report/console/delivery-table.js";
import { plural } from "../../report/format.js";
import { textTable } from "../../report/table.js";
import { systemClock } from "../adapters.js";
import { shortMarkdown } from "../conclude/notice.js";
import { EXIT } from "../exit-codes.js";
import { listenForInterrupts } from "../interrupts.js";
import { requireRunbook } from "../require-runbook.js";
import { openTerminal, type Terminal } from "../terminal.js";

export interface NotifyTestOptions {
  readonly runbook: string;
  readonly set: readonly string[];
  /** Number of one item of `escalation.notify`, from 1. */
  readonly channel?: string;
  readonly json?: boolean;
}

interface Tested {
  /** Place in `escalation.notify`, from 1. */
  readonly item: number;
  readonly kind: ChannelSpec["kind"];
  readonly on: ChannelSpec["on"];
  /** Empty for an item that is not set. */
  readonly deliveries: readonly Delivery[];
}

/** A test is no notification of a decision: it is remembered nowhere, so that the next test is sent too. */
const FORGETFUL: NotificationLedger = {
  delivered: async () => false,
  record: async () => undefined,
};

/** Sends a test message to every channel. Exit code 0 when somebody was told and nobody was missed, else 1. */
export async function notifyTest(options: NotifyTestOptions): Promise<void> {
  const terminal = openTerminal();
  const { runbook } = await requireRunbook(options.runbook, options.set, terminal);
  const chosen = choose(runbook.escalation.notify, options.channel, options.runbook);
  const notice = testNotice(runbook.model.name, options, systemClock.now());
  const interrupts = listenForInterrupts(terminal, `${programName()} notify test`);
  try {
    const tested = await Promise.all(
      chosen.map(async ({ item, spec }): Promise<Tested> => {
        const deliveries = await deliverNotice(openChannels(spec, process.env), notice, {
          ledger: FORGETFUL,
          wait: systemWait,
          signal: interrupts.signal,
        });
        return { item, kind: spec.kind, on: spec.on, deliveries: mapTexts(deliveries, terminal.mask) };
      }),
    );
    report(tested, options.json === true, terminal);
  } finally {
    interrupts.dispose();
  }
}

function choose(
  specs: readonly ChannelSpec[],
  channel: string | undefined,
  runbook: string,
): readonly { readonly item: number; readonly spec: ChannelSpec }[] {
  const items = specs.map((spec, index) => ({ item: index + 1, spec }));
  if (items.length === 0)
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `escalation.notify in ${runbook} is empty: an escalation tells nobody`,
      next: "escalation: { notify: [{ webhook: URL }] }",
    });
  if (channel === undefined) return items;
  const one = items.filter(({ item }) => String(item) === channel);
  if (one.length > 0) return one;
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `--channel ${channel} is not in escalation.notify, which has ${plural(items.length, "item")}`,
    next: `${programName()} notify test --channel ${items.length}`,
  });
}

function testNotice(model: string, { runbook, set }: NotifyTestOptions, now: string): Notice {
  const commands = commandsFor({
    runbook: runbook === "runbook.yaml" ? null : runbook,
    stateDir: null,
    overrides: set,
    dryRun: false,
  });
  const notice: Omit<Notice, "markdown"> = {
    occasion: "test",
    // Another one each time: a receiver that drops repeats would drop the second test.
    subject: `test ${now}`,
    title: `TEST: notifications of ${model} reach you`,
    summary: ["This is a test of retrain. There is nothing to do.", "An escalation will come this way."],
    facts: [
      { label: "Model", value: model },
      { label: "Sent", value: now },
    ],
    points: [],
    commands: [{ command: commands.runs(), purpose: "what a command looks like, to be copied" }],
    links: [],
    payload: { format: 1, verdict: "test", test: true, model, sent: now },
  };
  return { ...notice, markdown: shortMarkdown(notice) };
}

function report(tested: readonly Tested[], asJson: boolean, terminal: Terminal): void {
  const deliveries = tested.flatMap((one) => one.deliveries);
  const missed = deliveries.filter(({ state }) => state === "failed").length;
  const unset = tested.filter((one) => one.deliveries.length === 0);
  const ok = deliveries.length > 0 && missed === 0;
  if (asJson) terminal.document({ ok, channels: tested });
  else {
    const style = terminal.dataStyle;
    if (deliveries.length > 0) terminal.data(`${deliveryTable(deliveries, style)}\n`);
    if (unset.length > 0) {
      const columns = ["not set", "why"].map((label) => ({ label, numeric: false }));
      const rows = unset.map(({ item, kind }) => [`notify ${item}: ${kind}`, WHY_UNSET[kind]]);
      terminal.data(`${deliveries.length > 0 ? "\n" : ""}${textTable(columns, rows, style)}\n`);
    }
    terminal.talk(
      `\n${ok ? `${plural(deliveries.length, "test message")} delivered.` : deliveries.length === 0 ? "Nobody would be told." : `${missed} of ${plural(deliveries.length, "test message")} not delivered.`}\n`,
    );
  }
  process.exitCode = ok ? EXIT.ok : EXIT.failed;
}

const WHY_UNSET: Readonly<Record<ChannelSpec["kind"], string>> = {
  webhook: "its URL is empty",
  email: "server or addresses are empty",
  pagerduty: "routingKey is empty",
  "github-issue": "repository or token is empty",
  "github-summary": "GITHUB_STEP_SUMMARY is not set: this is no GitHub Actions job",
  command: "the program is empty",
};
