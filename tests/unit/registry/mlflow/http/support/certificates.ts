import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

export interface Certificates {
  /** Path of the authority's certificate. */
  readonly authority: string;
  /** Of 127.0.0.1 and localhost. */
  readonly server: { readonly cert: string; readonly key: string };
  /** Path of the client's certificate and key in one file. */
  readonly client: string;
  /** Of another host. */
  readonly otherHost: { readonly cert: string; readonly key: string };
  readonly folder: string;
}

/** An authority and what it signed, made by openssl in a folder that goes after the tests of the file. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "retrain-certificates-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-subj",
    "/CN=Test authority",
    "-days",
    "2",
  );
  const sign = (name: string, subjectAltName: string) => {
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${subjectAltName}\n`);
    openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    openssl(
      ...["x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
      ...["-out", `${name}.pem`, "-days", "2", "-extfile", `${name}.ext`],
    );
    const read = (file: string) => readFileSync(join(folder, file), "utf8");
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  };
  const server = sign("server", "IP:127.0.0.1,DNS:localhost");
  const otherHost = sign("other", "DNS:mlflow.example.org");
  const { cert, key } = sign("client", "DNS:client");
  const client = join(folder, "both.pem");
  writeFileSync(client, `${key}${cert}`);
  return { authority: join(folder, "ca.pem"), server, client, otherHost, folder };
}
