import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { REPOSITORY, retrain, tempFolder } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

const isThere = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;
for (const shell of ["bash", "zsh", "fish"])
  if (!isThere(shell)) {
    const message = `${shell} is not on the PATH: the test of its completion is SKIPPED`;
    if (process.env.RETRAIN_REQUIRE_SHELLS) throw new Error(message);
    console.warn(`\n*** ${message} ***\n`);
  }

/** A command line up to the cursor, and what a shell offers there. The rest of what is offered has its table in tests/unit/operations/completion.test.ts. */
const TABLE: readonly (readonly [typed: string, offered: readonly string[]])[] = [
  ["retrain esc", ["escalation"]],
  ["retrain quarter ", ["2024Q4", "2025Q1", "2025Q2"]],
  ["retrain quarter 2025Q2 --until=ch", ["--until=checkpoints"]],
  ["retrain quarter 2025Q2 --state-dir .ret", [".retrain/"]],
];

describe("completion", () => {
  let cwd: string;
  let env: Record<string, string>;
  const scriptOf: Record<string, string> = {};

  beforeAll(async () => {
    cwd = simpleProject(() => undefined);
    for (const run of ["2024Q4-1", "2025Q1-1", "2025Q1-2"])
      mkdirSync(join(cwd, ".retrain", "runs", run), { recursive: true });
    const bin = tempFolder(() => undefined);
    const program = join(bin, "retrain");
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${REPOSITORY}/bin/retrain.js' "$@"\n`);
    chmodSync(program, 0o755);
    env = { PATH: `${bin}:${process.env.PATH}`, HOME: bin, TERM: "xterm", LANG: "C.UTF-8" };
    for (const shell of ["bash", "zsh", "fish", "powershell"]) {
      const { exitCode, stdout } = await retrain(["completion", shell], { cwd });
      expect(exitCode, shell).toBe(0);
      scriptOf[shell] = join(bin, shell);
      writeFileSync(scriptOf[shell], stdout);
    }
  }, 120_000);

  const run = (shell: string, args: readonly string[], stdin = ""): string =>
    execFileSync(shell, args, { cwd, env, input: stdin, encoding: "utf8" });

  /** Lines that are offered, without what stands behind a tab. */
  const lines = (text: string): string[] =>
    text
      .split("\n")
      .map((line) => line.split("\t")[0]!.trim())
      .filter((line) => line !== "")
      .sort();

  test.skipIf(!isThere("bash"))(
    "bash offers it, and reads the script twice",
    () => {
      const asked = TABLE.map(([typed]) => `ask ${quoted(typed)}`).join("\n");
      const text = run(
        "bash",
        ["--norc", "--noprofile"],
        `
source '${scriptOf.bash}'; source '${scriptOf.bash}'
ask() {
  COMP_LINE=$1; COMP_POINT=\${#1}
  COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
  read -r -a COMP_WORDS <<< "\${1//=/ = }"
  if [[ $1 == *' ' ]]; then COMP_WORDS+=(""); fi
  COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
  $(complete -p retrain | sed 's/.*-F \\([^ ]*\\).*/\\1/')
  echo "--- $1"; printf '%s\\n' "\${COMPREPLY[@]}"
}
${asked}
`,
      );
      for (const [i, [typed, offered]] of TABLE.entries()) {
        const part = text.split(/^--- .*\n/m)[i + 1]!;
        expect(lines(part), typed).toEqual(offered.map(unflagged));
      }
    },
    120_000,
  );

  test.skipIf(!isThere("fish"))(
    "fish offers it",
    () => {
      for (const [typed, offered] of TABLE) {
        const text = run("fish", [
          "--no-config",
          "-c",
          `source '${scriptOf.fish}'; complete -C ${quoted(typed)}`,
        ]);
        expect(lines(text), typed).toEqual(offered);
      }
    },
    240_000,
  );

  test.skipIf(!isThere("zsh"))(
    "zsh offers it",
    () => {
      const offered = join(cwd, "offered");
      // What zsh is given to offer is written down on its way. Before its line editor reads, the terminal would take the keys itself.
      const spy = `compadd() { local -a shown; builtin compadd -O shown "$@"; print -rl -- $shown >> ${offered}; builtin compadd "$@" }`;
      for (const [typed, expected] of TABLE) {
        writeFileSync(offered, "");
        run(
          "zsh",
          ["-f"],
          `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PROMPT=; autoload -Uz compinit; compinit -D -u; source ${scriptOf.zsh}"
zpty -w z ${quoted(spy)}
zpty -w z 'zle-line-init() print R$((1+1))Y; zle -N zle-line-init'
zpty -r z seen '*R2Y*'
zpty -n -w z ${quoted(typed)}$'\\t'
zpty -n -w z $'\\x15print D$((1+2))E\\n'
zpty -r z seen '*D3E*'
zpty -d z
`,
        );
        expect([...new Set(lines(readFileSync(offered, "utf8")))], typed).toEqual(expected.map(unflagged));
      }
    },
    400_000,
  );

  test("a shell that is not known is refused", async () => {
    const { exitCode, stderr } = await retrain(["completion", "tcsh"], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("bash, zsh, fish, powershell");
  });
});

const quoted = (text: string): string => `'${text}'`;

/** Of `--until=ch` bash and zsh ask for what stands behind the sign at which they break words. */
const unflagged = (offered: string): string => offered.replace(/^--[a-z]+=/, "");
