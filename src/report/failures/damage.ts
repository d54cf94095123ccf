import type { DamagedFile, VersionDamage, VersionRole } from "../../kit/failures/registry.js";
import { againCommand, type FailureContext, type FailureText } from "./text.js";

const PROBLEMS: Readonly<Record<DamagedFile["problem"], string>> = {
  missing: "is gone",
  changed: "is not what was registered",
  unreadable: "is no file any more",
};

/** `model.onnx is not what was registered, MLmodel is gone` */
export const damageWords = (files: readonly DamagedFile[]): string =>
  files.map(({ path, problem }) => `${path} ${PROBLEMS[problem]}`).join(", ");

const ROLES: Readonly<Record<VersionRole, string>> = {
  champion: "the champion",
  candidate: "the candidate",
  "rollback target": "the version to go back to",
  "source of the copy": "which is to be copied",
  "target of the copy": "in the registry that is copied to",
};

/** Running its quarter again makes the same bytes from the same rows; where they have changed since, only a copy or another version helps. */
export function explainDamage(
  { name, version, role, files, quarter, registry }: VersionDamage,
  context: FailureContext,
): FailureText {
  const { commands } = context;
  const what = role === null ? "" : `, ${ROLES[role]},`;
  const remake = quarter === null ? null : commands.quarter(quarter);
  const again = againCommand(context);
  return {
    title: `Version ${version} of ${name}${what} is damaged in the registry`,
    where: `${registry}: ${files.map(({ path }) => path).join(", ")}`,
    expected: "the bytes that were registered",
    details: files.map((file) => `${damageWords([file])}.`),
    next: [
      ...(remake === null ? [] : [`Make it again: \`${remake}\`, which made it, from the same rows`]),
      `Or restore it from a backup of the registry${again === `\`${remake}\`` ? "" : `, then run ${again}`}`,
      `Or put a sound version in its place: \`${commands.rollback()}\`, or approve the run that escalated: \`${commands.approve("RUN")}\``,
    ],
  };
}
