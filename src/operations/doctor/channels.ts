import type { ChannelSpec } from "../../kit/channels.js";
import { programName } from "../../kit/program-name.js";
import { reachChannel } from "../../notify/reach.js";
import { type Checkup, fine, skipped } from "../../report/checkup.js";

/** Whether the channels of `escalation.notify` could be told something; nothing is sent. */
export async function checkChannels(
  channels: readonly ChannelSpec[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Checkup[]> {
  if (channels.length === 0)
    return [skipped("notify", "Nobody is told of an escalation: `escalation.notify` is empty")];
  return Promise.all(
    channels.map(async (spec, i): Promise<Checkup> => {
      const { target, state, problem } = await reachChannel(spec, env);
      const item = `notify ${i + 1}`;
      if (state === "unset") return skipped("notify", `${item}: ${target} is not set, and tells nobody`);
      if (problem === null) return fine("notify", `${item}: ${target} can be reached`);
      return {
        id: "notify",
        state: "problem",
        title: `${item}: ${target} cannot be told anything: ${problem}`,
        where: "escalation.notify",
        details: [],
        next: [`\`${programName()} notify test --channel ${i + 1}\` once that is put right`],
      };
    }),
  );
}
