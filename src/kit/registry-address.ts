import { decoded } from "./percent-encoding.js";

/** What an address of a registry says. It is never guessed: what could be a server or a folder is neither. */
export type RegistryAddress =
  | { readonly kind: "server"; readonly url: string }
  /** `path` as written behind `file:`, which may be relative. */
  | { readonly kind: "folder"; readonly path: string }
  /** `readings` are what it may have meant, without user and password. */
  | { readonly kind: "refused"; readonly problem: string; readonly readings: readonly string[] };

/** Schemes of MLflow's own stores, which its server stands in front of. */
const STORES =
  /^(sqlite|postgres(ql)?|mysql|mariadb|mssql|oracle|databricks(-uc)?|uc|s3|gs|abfss?|wasbs?|hdfs|dbfs|r2|viewfs)\b/i;

/**
 * `http://` and `https://` are an MLflow server; `file:` is a folder, and so is a path that begins with `/`, `./`, `../` or another dot, since no host does.
 * @param text as a person wrote it
 */
export function registryAddress(text: string): RegistryAddress {
  const bare = text.trim();
  // Clients trim an address, and a variable from a file with Windows line ends has a carriage return.
  if (/^https?:\/\//i.test(bare)) return server(bare);
  if (bare === "") return refused("it is empty", ["http://HOST:5000", "file:registry"]);
  if (bare !== text) return refused("there is white space around it", readingsOf(bare));
  if (/\p{Cc}/u.test(text)) return refused("it has control characters", []);
  if (/^file:/i.test(text)) return folder(text);
  const slip = /^(https?)(?::[\\/]{0,2}|\/{1,2})(?=[^\\/])/i.exec(text);
  if (slip !== null)
    return refused("an address of a server begins with http:// or https://", [
      withoutCredentials(`${slip[1]!.toLowerCase()}://${text.slice(slip[0].length)}`),
    ]);
  if (STORES.test(text))
    return refused("retrain talks to an MLflow server, not to the store behind it", ["http://HOST:5000"]);
  if (/^state:/i.test(text))
    return refused("`state:` is no scheme", [`file:.retrain/${text.slice("state:".length)}`]);
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(text))
    return refused("it has a scheme that no registry has", ["http://HOST:5000", "file:FOLDER"]);
  if (isPlainPath(text)) return { kind: "folder", path: text };
  return refused("it says neither that it is a server nor that it is a folder", readingsOf(text));
}

/** A host begins with a letter or a digit; a drive of Windows is one where there are drives. */
const isPlainPath = (text: string): boolean =>
  /^[./]/.test(text) || (process.platform === "win32" && /^([a-z]:)?[\\/]/i.test(text));

function server(url: string): RegistryAddress {
  const { pathname, search, hash } = URL.canParse(url)
    ? new URL(url)
    : { pathname: url, search: "", hash: "" };
  // A / or ? in a password ends the host: what looks like a path is the rest of the password then.
  if (`${pathname}${search}${hash}`.includes("@"))
    return refused("a user and a password have / ? # and @ percent-encoded", [
      "http://USER:PASSWORD@HOST:5000",
    ]);
  if (URL.canParse(url)) return { kind: "server", url };
  return refused("it is no address of a server: expected a host and, where there is one, a port", [
    "http://HOST:5000",
  ]);
}

function folder(text: string): RegistryAddress {
  const path = text.slice("file:".length);
  if (path === "") return refused("it names no folder", ["file:registry"]);
  if (path.startsWith("~")) return refused("~ is not read here", ["file:/home/NAME/registry"]);
  if (/^\/\/(?!\/)/.test(path))
    return refused("a folder on another host cannot be opened", [`file:/${path}`, `file:${path.slice(2)}`]);
  return { kind: "folder", path: path.startsWith("///") ? decoded(path.slice(2)) : path };
}

function refused(problem: string, readings: readonly string[]): RegistryAddress {
  return { kind: "refused", problem, readings };
}

function readingsOf(text: string): string[] {
  const shown = withoutCredentials(text);
  return URL.canParse(`http://${shown}`) ? [`http://${shown}`, `file:${shown}`] : [`file:${shown}`];
}

/** Keeps scheme, host and path; user, password, query and fragment may carry secrets. */
export function withoutCredentials(uri: string): string {
  const [, scheme = "", rest = ""] = /^((?:[a-z][a-z\d+.-]+:\/\/)?)(.*)$/is.exec(uri) ?? [];
  const shown = rest.replace(/^[^/?#]*@/s, "");
  // A slash in a password ends the host: behind the colon stands no port then.
  const isCut = /^[^/?#@]*:(?!\d*(?:[/?#]|$))/.test(shown);
  return `${scheme}${isCut ? shown.replace(/^.*@/s, "") : shown}`.replace(/[?#].*$/s, "");
}

/** Both readings in words. */
export const readingsText = (readings: readonly string[]): string =>
  readings
    .map(
      (reading) => `\`${reading}\`${reading.startsWith("file:") ? " for a folder" : " for an MLflow server"}`,
    )
    .join(", or ");
