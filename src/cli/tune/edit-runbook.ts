import { type Document, isAlias, isCollection, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { LearnerSpec } from "../../forecast/learners/spec.js";
import { isOf, type LearnerOption, learnerOption } from "../../forecast/tune/parameters.js";
import type { Point } from "../../forecast/tune/space.js";

/**
 * The runbook's text with a step's parameters changed. Comments stay, and so does every line that needs no change.
 * @param values of a search space, by path
 * @param learners what `learners` has to be where the runbook names none and a learner's option is among the values
 */
export function editRunbook(
  text: string,
  step: string,
  values: Point,
  learners: readonly LearnerSpec[],
): string {
  const asParsed = textOf(parse(text));
  const document = parse(text);
  const at = stepPath(document, step);
  const params = document.getIn([...at, "with"], true);
  if (isAlias(params)) document.setIn([...at, "with"], document.createNode(params.toJS(document)));
  const ownFirst = Object.entries(values).sort(
    ([a], [b]) => Number(learnerOption(a) !== null) - Number(learnerOption(b) !== null),
  );
  for (const [path, value] of ownFirst) {
    const option = learnerOption(path);
    if (option === null) setFlow(document, [...at, "with", path], value);
    else if (!isSeq(document.getIn([...at, "with", "learners"], true)))
      setFlow(document, [...at, "with", "learners"], learners);
    else setOption(document, [...at, "with", "learners"], option, value);
  }
  return withLinesOf(text, asParsed, textOf(document));
}

const parse = (text: string): Document.Parsed =>
  parseDocument(text, { version: "1.2", schema: "core", stringKeys: true, keepSourceTokens: false });

const textOf = (document: Document): string => document.toString({ lineWidth: 0 });

function stepPath(document: Document, step: string): (string | number)[] {
  const steps = document.get("steps", true);
  const index = isSeq(steps)
    ? steps.items.findIndex((item) => isMap(item) && String(item.get("id")) === step)
    : -1;
  if (index < 0) throw new Error(`the runbook has no step ${step} any more`);
  return ["steps", index];
}

/** Lists and mappings on one line. */
function setFlow(document: Document, path: readonly (string | number)[], value: unknown): void {
  const node = document.createNode(value);
  if (isCollection(node)) node.flow = true;
  const old = document.getIn(path, true);
  if (isScalar(old) && isScalar(node)) old.value = node.value;
  else document.setIn(path, node);
}

function setOption(
  document: Document,
  path: readonly (string | number)[],
  at: LearnerOption,
  value: unknown,
): void {
  const list = document.getIn(path, true);
  if (!isSeq(list)) return;
  list.items.forEach((item, index) => {
    const spec: unknown = isMap(item) ? item.toJS(document) : isScalar(item) ? item.value : null;
    if (spec === null || !isOf(at, spec as LearnerSpec)) return;
    const { learner, option, isProgram } = at;
    if (!isMap(item)) setFlow(document, [...path, index], { use: learner, [option]: value });
    else if (!isProgram) setFlow(document, [...path, index, option], value);
    else if (isMap(item.get("options", true))) setFlow(document, [...path, index, "options", option], value);
    else setFlow(document, [...path, index, "options"], { [option]: value });
  });
}

/**
 * Writing YAML anew changes how other lines are spaced: only what differs from the unchanged document, written the
 * same way, is taken. Where the two texts do not match line by line all of it is.
 */
function withLinesOf(text: string, asParsed: string, changed: string): string {
  const [source, before, after] = [text, asParsed, changed].map((one) => one.split("\n")) as [
    string[],
    string[],
    string[],
  ];
  if (source.length !== before.length) return changed;
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < Math.min(before.length, after.length) - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  const end = text.includes("\r\n") ? "\r" : "";
  return [
    ...source.slice(0, head),
    ...after.slice(head, after.length - tail).map((line) => line + end),
    ...source.slice(source.length - tail),
  ].join("\n");
}
