import { join } from "node:path";
import { z } from "zod";
import { sha256 } from "../durable/hash.js";
import type { DurableFiles } from "../kit/files.js";
import { canonicalJson } from "../kit/json.js";

/** What a text follows from. Equal sources give equal texts. */
export interface DerivedFrom {
  /** Which text it is, with the versions that it depends on. */
  readonly what: string;
  /** Hashes of the artifacts behind it: the text is kept for as long as somebody has them. */
  readonly artifacts: readonly string[];
  /** The rest of what it depends on. */
  readonly rest: unknown;
}

const Entry = z.object({ artifacts: z.array(z.string()), text: z.string(), sha256: z.string() });

/** Texts that follow from artifacts alone, such as the drawings of a report: a run with the same artifacts need not make them again. */
export class DerivedTexts {
  constructor(
    private readonly folder: string,
    private readonly files: DurableFiles,
  ) {}

  /** The kept text if it is whole, else a new one. */
  async text(from: DerivedFrom, make: () => Promise<string>): Promise<string> {
    const key = sha256(canonicalJson(from));
    const path = join(this.folder, key.slice(0, 2), `${key.slice(2)}.json`);
    const kept = parseDerived(await this.files.readText(path));
    if (kept !== null) return kept.text;
    const text = await make();
    const entry: z.infer<typeof Entry> = { artifacts: [...from.artifacts], text, sha256: sha256(text) };
    await this.files.writeAtomic(path, `${JSON.stringify(entry)}\n`);
    return text;
  }
}

/** Null for what cannot be read or is damaged. */
export function parseDerived(text: string | null): z.infer<typeof Entry> | null {
  if (text === null) return null;
  try {
    const entry = Entry.parse(JSON.parse(text));
    return sha256(entry.text) === entry.sha256 ? entry : null;
  } catch {
    return null;
  }
}
