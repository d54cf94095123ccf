import { z } from "zod";
import type { DuckDb } from "./duckdb.js";
import { literalPath } from "./sql.js";

/**
 * Time zones that the writer of a Parquet file noted, by column: Parquet itself only says that a column holds instants. pandas and Arrow
 * (pyarrow, polars, R) keep the zone in the file's metadata.
 */
export async function timeZonesOf(db: DuckDb, path: string): Promise<ReadonlyMap<string, string>> {
  const [keys, values] = await db.query(
    `SELECT decode(key), decode(value) FROM parquet_kv_metadata(${literalPath(path)})
      WHERE key IN ('pandas'::BLOB, 'ARROW:schema'::BLOB)`,
  );
  const of = (key: string) => {
    const at = (keys!.values as string[]).indexOf(key);
    return at < 0 ? null : (values!.values[at] as string);
  };
  return new Map([...zonesOfArrow(of("ARROW:schema")), ...zonesOfPandas(of("pandas"))]);
}

const Pandas = z.object({
  columns: z.array(
    z.object({
      name: z.string().nullable().catch(null),
      field_name: z.string().nullish(),
      metadata: z.object({ timezone: z.string().optional() }).nullable().catch(null),
    }),
  ),
});

function zonesOfPandas(text: string | null): [string, string][] {
  const found = Pandas.safeParse(parsed(text ?? ""));
  if (!found.success) return [];
  return found.data.columns.flatMap(({ name, field_name, metadata }) => {
    const column = field_name ?? name;
    const zone = metadata?.timezone;
    return column === null || zone === undefined ? [] : [[column, zone]];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Members by their place in the tables of Arrow's Schema.fbs and Message.fbs. */
const MESSAGE_HEADER = 2;
const SCHEMA_FIELDS = 1;
const FIELD = { name: 0, typeKind: 2, type: 3 } as const;
const TIMESTAMP = { kind: 10, zone: 1 } as const;

/** Of an Arrow schema in base64, an IPC message; nothing of one that is damaged. */
export function zonesOfArrow(base64: string | null): [string, string][] {
  if (base64 === null) return [];
  try {
    const bytes = Buffer.from(base64, "base64");
    const continued = bytes.readUInt32LE(0) === 0xffffffff;
    const flat = new FlatBuffer(bytes.subarray(continued ? 8 : 4));
    const schema = flat.table(flat.root(), MESSAGE_HEADER);
    return flat.tables(schema, SCHEMA_FIELDS).flatMap((field): [string, string][] => {
      if (flat.byte(field, FIELD.typeKind) !== TIMESTAMP.kind) return [];
      const zone = flat.text(flat.table(field, FIELD.type), TIMESTAMP.zone);
      return zone === null ? [] : [[flat.text(field, FIELD.name) ?? "", zone]];
    });
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** As much of the FlatBuffers format as a schema takes. Reads past the end throw RangeError. */
class FlatBuffer {
  constructor(private readonly bytes: Buffer) {}

  root(): number {
    return this.bytes.readUInt32LE(0);
  }

  table(table: number, member: number): number {
    const at = this.member(table, member);
    if (at === null) throw new RangeError(`no member ${member}`);
    return at + this.bytes.readUInt32LE(at);
  }

  tables(table: number, member: number): number[] {
    const vector = this.table(table, member);
    const length = this.bytes.readUInt32LE(vector);
    if (length > this.bytes.length) throw new RangeError("a vector longer than the buffer");
    return Array.from({ length }, (_, index) => {
      const at = vector + 4 + 4 * index;
      return at + this.bytes.readUInt32LE(at);
    });
  }

  byte(table: number, member: number): number {
    const at = this.member(table, member);
    return at === null ? 0 : this.bytes.readUInt8(at);
  }

  text(table: number, member: number): string | null {
    if (this.member(table, member) === null) return null;
    const at = this.table(table, member);
    return this.bytes.toString("utf8", at + 4, at + 4 + this.bytes.readUInt32LE(at));
  }

  private member(table: number, member: number): number | null {
    const directory = table - this.bytes.readInt32LE(table);
    if (4 + 2 * member >= this.bytes.readUInt16LE(directory)) return null;
    const offset = this.bytes.readUInt16LE(directory + 4 + 2 * member);
    return offset === 0 ? null : table + offset;
  }
}
