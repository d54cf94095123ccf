/** Shells that a script is printed for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];

/** What the scripts ask with, and how they are answered: `@bomb.sh/tab` has it from Cobra, so that its scripts for three of the shells can be used. */
export const DIRECTIVE = { noFiles: 4, noSpace: 2 } as const;

/**
 * A script for a shell, which asks the program itself what may come.
 * @param program its name on the command line
 */
export async function completionScript(shell: Shell, program: string): Promise<string> {
  if (shell === "bash") return bash(program);
  const { script } = await import("@bomb.sh/tab");
  return printed(() => script(shell, program, program));
}

/** The library prints. */
function printed(print: () => void): string {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    print();
  } finally {
    console.log = log;
  }
  return `${lines.join("\n")}\n`;
}

/**
 * The library's script for bash needs the package bash-completion, evaluates what was typed and fails when it is read twice. So it is ours: words go to the program as
 * they are, and with a colon or an equals sign, at which bash breaks a word, the part behind it is what bash wants back.
 */
const bash = (program: string): string => {
  const name = `_${program.replace(/\W/g, "_")}_complete`;
  return `# bash completion for ${program}
${name}() {
    local line directive=0 cur words typed
    typed=\${COMP_LINE:0:COMP_POINT}
    read -r -a words <<< "$typed"
    if [[ $typed == *[[:space:]] ]]; then words+=(""); fi
    cur=\${words[\${#words[@]}-1]}
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == :* ]]; then directive=\${line#:}; continue; fi
        COMPREPLY+=("\${line%%$'\\t'*}")
    done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
    if (( directive & ${DIRECTIVE.noSpace} )); then compopt -o nospace 2>/dev/null; fi
    local begun=\${COMP_WORDS[COMP_CWORD]}
    if [[ $begun == "=" || $begun == ":" ]]; then begun=""; fi
    local prefix=\${cur%"$begun"}
    COMPREPLY=("\${COMPREPLY[@]#"$prefix"}")
}
complete -F ${name} ${program}
`;
};
