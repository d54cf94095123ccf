export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const TOKEN = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;

/** A strict reader of the XML that has elements, attributes and text only; throws on anything else. */
export function parseXml(source: string): Element {
  const body = source.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  if (body === source) throw new Error("no XML declaration");
  const root = { name: "", attributes: {}, children: [] as Element[], text: "" };
  const open = [root];
  let at = 0;
  while (at < body.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(body);
    if (token === null) throw new Error(`not well-formed at: ${body.slice(at, at + 60)}`);
    at = TOKEN.lastIndex;
    const [, closing, name = "", attributes = "", empty, text] = token;
    const top = open.at(-1)!;
    if (text !== undefined) top.text += decode(text);
    else if (closing === "/") {
      if (open.pop()!.name !== name) throw new Error(`</${name}> closes ${top.name}`);
    } else {
      const pairs = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)];
      const keys = pairs.map(([, key]) => key!);
      if (new Set(keys).size < keys.length) throw new Error(`an attribute of ${name} is there twice`);
      const element = {
        name,
        attributes: Object.fromEntries(pairs.map(([, key, value]) => [key!, decode(value!)])),
        children: [] as Element[],
        text: "",
      };
      top.children.push(element);
      if (empty === "") open.push(element);
    }
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error("not one element around all");
  return root.children[0]!;
}

/** Characters that XML 1.0 does not allow, and ampersands that begin no entity, are errors. */
function decode(text: string): string {
  const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text);
  if (illegal !== null) throw new Error(`U+${illegal[0].codePointAt(0)!.toString(16)} is no XML character`);
  return text.replace(/&([\w#]*;?)/g, (whole, entity: string) => {
    const character = ENTITIES[entity.slice(0, -1)];
    if (!entity.endsWith(";") || character === undefined) throw new Error(`${whole} is no entity`);
    return character;
  });
}
