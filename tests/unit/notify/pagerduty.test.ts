import { describe, expect, test } from "vitest";
import { notificationKey } from "../../../src/notify/channel.js";
import { deliverNotice } from "../../../src/notify/deliver.js";
import { pagerDutyChannel } from "../../../src/notify/pagerduty.js";
import { delivery, NOTICE, openLedger, SECRET, serve, status } from "./support.js";

const channel = (host: string, severity: "critical" | null = null) =>
  pagerDutyChannel({ routingKey: SECRET, url: `http://${host}/v2/enqueue`, severity });

describe("PagerDuty", () => {
  test("gets a trigger whose dedup_key is the notification's key", async () => {
    const { host, calls } = await status(202, {}, '{"status":"success"}');
    const [told] = await deliverNotice([channel(host)], NOTICE, delivery());
    expect(told).toMatchObject({ target: `PagerDuty at ${host}`, state: "delivered", attempts: 1 });
    expect(calls[0]!.url).toBe("/v2/enqueue");
    expect(JSON.parse(calls[0]!.body)).toMatchObject({
      routing_key: SECRET,
      event_action: "trigger",
      dedup_key: notificationKey(channel(host), NOTICE.subject),
      payload: { severity: "warning", custom_details: { Owner: "forecasting" } },
      links: [{ href: NOTICE.links[0]!.url }],
    });
  });

  test("severity follows what happened, unless the runbook says it", async () => {
    const { host, calls } = await status(202);
    for (const occasion of ["escalated", "failed", "promoted"] as const)
      await deliverNotice([channel(host)], { ...NOTICE, occasion }, delivery());
    await deliverNotice([channel(host, "critical")], NOTICE, delivery());
    const severities = calls.map(
      ({ body }) => (JSON.parse(body) as { payload: { severity: string } }).payload.severity,
    );
    expect(severities).toEqual(["warning", "error", "info", "critical"]);
  });

  test("what it does not take is told without the key, and not sent again", async () => {
    const said = { status: "invalid event", errors: [`routing_key ${SECRET} is unknown`] };
    const { host, calls } = await status(400, {}, JSON.stringify(said));
    const ledger = openLedger();
    const [told] = await deliverNotice([channel(host)], NOTICE, delivery({ ledger }));
    expect(told).toMatchObject({
      state: "failed",
      attempts: 1,
      problem: "it answered 400: routing_key *** is unknown",
    });
    expect(calls).toHaveLength(1);
    expect(JSON.stringify([told, ledger.lines])).not.toContain(SECRET);
  });
});

describe("Retry-After", () => {
  async function limited(header: string) {
    let call = 0;
    const { host, calls } = await serve((response) => {
      call++;
      response.writeHead(call === 1 ? 429 : 202, call === 1 ? { "retry-after": header } : {}).end();
    });
    const pauses: number[] = [];
    const wait = async (ms: number) => void pauses.push(ms);
    const [told] = await deliverNotice([channel(host)], NOTICE, delivery({ wait }));
    return { told, pauses, calls };
  }

  test("is waited for, also where it is a date", async () => {
    expect(await limited("7")).toMatchObject({ told: { state: "delivered", attempts: 2 }, pauses: [7000] });
    const { told, pauses } = await limited(new Date(Date.now() + 10_000).toUTCString());
    expect(told).toMatchObject({ state: "delivered" });
    expect(pauses[0]).toBeGreaterThan(7000);
    expect(pauses[0]).toBeLessThanOrEqual(10_000);
    expect((await limited("0")).pauses).toEqual([500]);
    expect((await limited("soon")).pauses).toEqual([500]);
  });

  test("that is longer than half a minute is left to the next run", async () => {
    const { told, calls } = await limited("120");
    expect(told).toMatchObject({ state: "failed", problem: "it answered 429; it asks to wait 120 s" });
    expect(calls).toHaveLength(1);
  });
});
