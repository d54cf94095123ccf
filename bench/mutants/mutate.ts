import type { Random } from "../../src/stats/random.js";

/** What stands in the place of some bytes: values that parsers and people trip over. */
const ODD = [
  "",
  "\0",
  "null",
  "true",
  "NaN",
  "-1",
  "1e999",
  "9007199254740993",
  "{}",
  "[]",
  '"',
  "'",
  ",",
  "\r",
  "\n\n",
  "\t",
  ": ",
  "- ",
  "&a [*a]",
  "{{",
  "$" + "{HOME}",
  "../../x",
  "__proto__",
  "\u202e",
  "\ufeff",
  "\ud83d\ude00",
  "a".repeat(300),
  "2025-13-45",
];

/** A change of a file's bytes, with a name that tells the kind. */
interface Mutation {
  readonly name: string;
  apply(bytes: Buffer, random: Random): Buffer;
}

const at = (bytes: Buffer, random: Random): number => random.below(Math.max(1, bytes.length));
const span = (bytes: Buffer, random: Random): [number, number] => {
  const start = at(bytes, random);
  return [start, Math.min(bytes.length, start + 1 + random.below(Math.max(1, Math.min(64, bytes.length))))];
};
const splice = (bytes: Buffer, start: number, end: number, by: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(end)]);

const MUTATIONS: readonly Mutation[] = [
  {
    name: "bit",
    apply(bytes, random) {
      const other = Buffer.from(bytes);
      if (other.length > 0) other[at(bytes, random)]! ^= 1 << random.below(8);
      return other;
    },
  },
  {
    name: "byte",
    apply(bytes, random) {
      const other = Buffer.from(bytes);
      if (other.length > 0) other[at(bytes, random)] = random.below(256);
      return other;
    },
  },
  { name: "cut", apply: (bytes, random) => bytes.subarray(0, at(bytes, random)) },
  { name: "beheaded", apply: (bytes, random) => bytes.subarray(at(bytes, random)) },
  { name: "empty", apply: () => Buffer.alloc(0) },
  { name: "zeros", apply: (bytes) => Buffer.alloc(bytes.length) },
  {
    name: "deleted",
    apply(bytes, random) {
      const [start, end] = span(bytes, random);
      return splice(bytes, start, end, Buffer.alloc(0));
    },
  },
  {
    name: "doubled",
    apply(bytes, random) {
      const [start, end] = span(bytes, random);
      return splice(bytes, end, end, bytes.subarray(start, end));
    },
  },
  {
    name: "moved",
    apply(bytes, random) {
      const [start, end] = span(bytes, random);
      const rest = splice(bytes, start, end, Buffer.alloc(0));
      const to = at(rest, random);
      return splice(rest, to, to, bytes.subarray(start, end));
    },
  },
  {
    name: "odd",
    apply(bytes, random) {
      const [start, end] = span(bytes, random);
      return splice(bytes, start, end, Buffer.from(ODD[random.below(ODD.length)]!));
    },
  },
  {
    name: "inserted",
    apply(bytes, random) {
      const start = at(bytes, random);
      return splice(bytes, start, start, Buffer.from(ODD[random.below(ODD.length)]!));
    },
  },
  { name: "value", apply: swapValue },
  { name: "line", apply: changeLine },
  { name: "appended", apply: (bytes, random) => Buffer.concat([bytes, bytes.subarray(at(bytes, random))]) },
];

/** A JSON or YAML value, or a cell, becomes an odd one: the text around it stays well-formed. */
function swapValue(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString("latin1");
  const values = [...text.matchAll(/(?<=[:,[]\s*)(?:"[^"\n]*"|[\w.+-]+)/g)];
  if (values.length === 0) return bytes;
  const chosen = values[random.below(values.length)]!;
  const odd = ODD[random.below(ODD.length)]!;
  const by = chosen[0].startsWith('"') && random.below(2) === 0 ? JSON.stringify(odd) : odd;
  return splice(bytes, chosen.index, chosen.index + chosen[0].length, Buffer.from(by));
}

function changeLine(bytes: Buffer, random: Random): Buffer {
  const lines = bytes.toString("latin1").split("\n");
  const line = random.below(lines.length);
  switch (random.below(3)) {
    case 0:
      lines.splice(line, 1);
      break;
    case 1:
      lines.splice(line, 0, lines[line]!);
      break;
    default: {
      const other = random.below(lines.length);
      [lines[line], lines[other]] = [lines[other]!, lines[line]!];
    }
  }
  return Buffer.from(lines.join("\n"), "latin1");
}

/** Other bytes than the given ones, and how they came about. */
export function mutate(bytes: Buffer, random: Random): { readonly bytes: Buffer; readonly name: string } {
  const mutation = MUTATIONS[random.below(MUTATIONS.length)]!;
  const mutated = mutation.apply(bytes, random);
  return { bytes: mutated, name: mutation.name };
}
