import { accessSync, constants } from "node:fs";
import type { ChannelSpec } from "../kit/channels.js";
import { isProgram } from "../kit/find-program.js";

/** Why a channel cannot work as it is configured, without asking anybody; null where nothing speaks against it. Says no secret. */
export function configuredProblem(spec: ChannelSpec): string | null {
  switch (spec.kind) {
    case "webhook":
      return addressProblem(spec.url);
    case "pagerduty":
      return spec.routingKey === "" ? null : addressProblem(spec.url);
    case "github-issue":
      return spec.token === "" || spec.repository === "" ? null : addressProblem(spec.api);
    case "email":
      return spec.server === "" || spec.ca === null ? null : certificatesProblem(spec.ca);
    case "command":
      return spec.argv[0] === "" || spec.argv[0] === undefined
        ? null
        : programProblem(spec.argv[0], spec.cwd);
    case "github-summary":
      return null;
  }
}

function addressProblem(address: string): string | null {
  if (address === "") return null;
  if (!URL.canParse(address)) return "what is configured is no URL";
  const { protocol } = new URL(address);
  return protocol === "https:" || protocol === "http:"
    ? null
    : "what is configured is no http:// or https:// URL";
}

function certificatesProblem(ca: string): string | null {
  try {
    accessSync(ca, constants.R_OK);
    return null;
  } catch {
    return `there is no file ${ca} with certificates that this user may read`;
  }
}

const programProblem = (program: string, cwd: string): string | null =>
  isProgram(program, cwd) ? null : `there is no program ${program} that this user may run`;
