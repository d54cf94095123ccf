import type { ModelSpec } from "../kit/specs.js";
import { dataSpec } from "./data-columns.js";
import type { Interpolated } from "./environment.js";
import { channelSpec, notifyItem } from "./notify.js";
import type { LegibleRunbook } from "./runbook.js";
import { type Salvaged, salvage } from "./salvage.js";
import { RunbookFile } from "./schema.js";
import type { Place, RunbookPath, RunbookSource } from "./source.js";
import { below, type CheckedSteps } from "./steps.js";

const { data, model, calendar } = RunbookFile.shape;

/** What can be read of a runbook that is not valid. */
export function legibleRunbook(
  raw: unknown,
  source: RunbookSource,
  folder: string,
  { steps, salvaged }: CheckedSteps,
  { unresolved, secrets }: Pick<Interpolated, "unresolved" | "secrets">,
  lacksSteps: boolean,
): LegibleRunbook {
  const file = (typeof raw === "object" && raw !== null ? raw : {}) as Readonly<Record<string, unknown>>;
  const section = (name: string, schema: typeof data | typeof model | typeof calendar): Salvaged | null =>
    salvage(schema, file[name], below(unresolved, [name]));
  const found = section("data", data);
  const counted = file.calendar === undefined ? null : section("calendar", calendar);
  /** Where something stands in the file, of whose list or mapping parts may have been left out. */
  const written = (path: RunbookPath): RunbookPath => {
    const [first, index, third] = path;
    if (first === "data" && found !== null) return ["data", ...found.original(path.slice(1))];
    const rest = first === "steps" && third === "with" ? salvaged.get(index as number) : undefined;
    return rest === undefined ? path : [...path.slice(0, 3), ...rest.original(path.slice(3))];
  };
  const place = (path: RunbookPath): Place => source.at(written(path));
  const keyPlace = (path: RunbookPath, key: string): Place => source.atKey(written(path), key);
  return {
    folder,
    data: found === null ? null : dataSpec(found.value as RunbookFile["data"], folder),
    dataLeftOut: found?.leftOut ?? [],
    fiscalYearStart: (counted?.value as RunbookFile["calendar"])?.fiscalYearStart ?? 1,
    model: (section("model", model)?.value as ModelSpec | undefined) ?? null,
    steps,
    lacksSteps,
    channels: channelsOf(file.escalation, folder, below(unresolved, ["escalation", "notify"])),
    secrets,
    place,
    keyPlace,
    stepPlace: (index, keys) => place(["steps", index, ...keys]),
    stepKeyPlace: (index, keys, key) => keyPlace(["steps", index, ...keys], key),
  };
}

function channelsOf(
  escalation: unknown,
  folder: string,
  unresolved: readonly RunbookPath[],
): LegibleRunbook["channels"] {
  const notify: unknown = (escalation as { notify?: unknown } | null | undefined)?.notify;
  if (!Array.isArray(notify)) return [];
  return notify.flatMap((item: unknown, index) => {
    const parsed = notifyItem.safeParse(item);
    const isWhole = parsed.success && !unresolved.some(([at]) => at === index);
    return isWhole ? [{ index, spec: channelSpec(parsed.data, folder) }] : [];
  });
}
