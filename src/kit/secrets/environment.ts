import { SHORTEST_SECRET } from "./forms.js";

const TELLING =
  /(^|_)(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PWD|APIKEY|API_KEY|ACCESS_KEY|PRIVATE_KEY|SECRET_KEY|ROUTING_KEY|CREDENTIALS?)$/i;

/** Whether a variable is called as those are that hold secrets. */
export const isSecretName = (name: string): boolean => TELLING.test(name) && !/^(OLD)?PWD$/.test(name);

/** Values of variables that are called like secrets; a path and a plain word are none. */
export const secretsOfEnvironment = (env: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(env).flatMap(([name, value = ""]) =>
    isSecretName(name) && value.length >= SHORTEST_SECRET && !/^(\/[\w./-]*|[A-Za-z]{1,19})$/.test(value)
      ? [value]
      : [],
  );
