import type { ConnectionFailure } from "../../kit/failures/connection.js";
import { againCommand, assertNever, type FailureContext, type FailureText } from "./text.js";

export function explainConnectionFailure(failure: ConnectionFailure, context: FailureContext): FailureText {
  const again = againCommand(context);
  switch (failure.code) {
    case "registry.settings-invalid":
      return {
        title: "A setting of the connection to MLflow cannot be used",
        where: failure.setting,
        expected: failure.expected,
        details: failure.detail === null ? [] : [failure.detail],
        next: [`Correct or unset it, then run ${again}`],
      };
    case "registry.unreachable":
      return explainUnreachable(failure, again);
    case "registry.denied":
      return explainDenied(failure, again);
    case "registry.host-rejected":
      return {
        title: "The MLflow server takes no requests under this host name",
        where: failure.uri,
        expected: `a server that allows the host ${failure.host}`,
        details: [
          "Since version 3.5, MLflow checks the Host header of every request but `/health` and `/version`.",
        ],
        next: [
          `Start the server with \`--allowed-hosts "${failure.host}"\` (or MLFLOW_SERVER_ALLOWED_HOSTS), besides the hosts that it is called by already`,
          `Then run ${again}`,
        ],
      };
    case "registry.not-mlflow":
      return explainNotMlflow(failure, again);
    case "registry.artifacts-elsewhere":
      return {
        title: "The MLflow server does not pass artifacts on",
        where: failure.location,
        expected: "artifacts behind the server, at mlflow-artifacts:/…",
        details: [
          `${failure.uri} wants its clients to write to the storage themselves; retrain talks to the server only.`,
          "An experiment keeps the location that it was made with: a change of the server counts for new experiments.",
        ],
        next: [
          "Start the server with `--artifacts-destination` (its storage) and without `--default-artifact-root` and `--no-serve-artifacts`",
          `Rename or delete the experiment, so that a new one is made, then run ${again}`,
        ],
      };
    case "registry.too-old":
      return {
        title: `The MLflow server is too old: ${failure.version}`,
        where: failure.uri,
        expected: `MLflow ${failure.minimum} or newer, which has logged models`,
        details: [],
        next: [`Upgrade the server, then run ${again}`],
      };
    case "registry.server-error":
      return {
        title: `The MLflow server answered with error ${failure.status}`,
        where: `${failure.request} at ${failure.uri}`,
        expected: "an answer",
        details: [
          said(failure.error === null ? failure.message : `${failure.error}: ${failure.message}`),
          tried(failure.attempts),
        ].flat(),
        next: [`Look into the log of the server; once it is well, run ${again}`],
      };
    default:
      return assertNever(failure);
  }
}

type Of<C extends ConnectionFailure["code"]> = Extract<ConnectionFailure, { readonly code: C }>;

/** What an outsider's text says, if anything. */
const said = (text: string): string[] => (text === "" ? [] : [text]);

const tried = (attempts: number): string[] => (attempts === 1 ? [] : [`It was tried ${attempts} times.`]);

const UNREACHABLE: { readonly [R in Of<"registry.unreachable">["reason"]]: string } = {
  refused: "nobody listens there",
  dns: "its name is not known",
  tls: "no secure connection",
  timeout: "no answer in time",
  reset: "the connection broke",
  proxy: "the proxy does not connect",
  other: "the connection failed",
};

function explainUnreachable(failure: Of<"registry.unreachable">, again: string): FailureText {
  const { reason, uri, proxy } = failure;
  return {
    title: `The MLflow server cannot be reached: ${UNREACHABLE[reason]}`,
    where: proxy === null ? uri : `${uri} through the proxy ${proxy}`,
    expected: "an MLflow server that answers",
    details: [`${failure.request}: ${failure.detail}`, ...tried(failure.attempts)],
    next: [...adviceFor(failure), `Then run ${again}`],
  };
}

function adviceFor({ reason, uri, detail, proxy }: Of<"registry.unreachable">): string[] {
  if (reason === "tls") {
    if (/wrong.version.number|packet.length/i.test(detail))
      return ["The server does not speak TLS: write http:// in `registry.uri`"];
    if (/handshake|alert|certificate.required/i.test(detail))
      return [
        "The server may ask for a client certificate: name its PEM file, with the key, in MLFLOW_TRACKING_CLIENT_CERT_PATH",
      ];
    return [
      "Name the PEM file of your own authority in MLFLOW_TRACKING_SERVER_CERT_PATH, or renew the server's certificate",
    ];
  }
  if (reason === "timeout")
    return [
      "See whether the server is overloaded; MLFLOW_HTTP_REQUEST_TIMEOUT (seconds) makes retrain wait longer",
    ];
  if (reason === "reset")
    return [
      uri.startsWith("http:")
        ? "See the log of the server; if it speaks TLS, write https:// in `registry.uri`"
        : "See the log of the server; it may ask for a client certificate: name its PEM file, with the key, in MLFLOW_TRACKING_CLIENT_CERT_PATH",
    ];
  if (proxy !== null)
    return [
      "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY: the proxy must know the way, or NO_PROXY name the host",
    ];
  return [`Check \`registry.uri\` and MLFLOW_TRACKING_URI, and that the server runs: \`curl ${uri}/health\``];
}

const SENT: { readonly [C in Of<"registry.denied">["credentials"]]: string } = {
  none: "No credentials were sent.",
  basic: "A user and a password were sent.",
  token: "MLFLOW_TRACKING_TOKEN was sent.",
};

function explainDenied(failure: Of<"registry.denied">, again: string): FailureText {
  const { by, status, uri, request, credentials } = failure;
  // The user is one of the server's: only this is not theirs to do.
  const isKnown = status === 403 && credentials !== "none";
  const details = [`It answered ${status}`, ...said(failure.message)].join(": ");
  if (by === "proxy")
    return {
      title: "The proxy on the way to the MLflow server wants other credentials",
      where: `${request} at ${uri}`,
      expected: "a user and a password for the proxy",
      details: [details],
      next: [
        `Write them into HTTP_PROXY or HTTPS_PROXY (http://user:password@proxy:3128), then run ${again}`,
      ],
    };
  return {
    title: isKnown
      ? "The MLflow server does not permit this"
      : credentials === "none"
        ? "The MLflow server asks for credentials"
        : "The MLflow server does not accept the credentials",
    where: `${request} at ${uri}`,
    expected: "a user who may read and write experiments and models",
    details: [details, SENT[credentials]],
    next: [
      ...(isKnown ? [PERMISSIONS, `Or be another user. ${CREDENTIALS}`] : [CREDENTIALS]),
      `Then run ${again}`,
    ],
  };
}

const CREDENTIALS =
  "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD (both), or MLFLOW_TRACKING_TOKEN, or write ~/.mlflow/credentials";

const PERMISSIONS =
  "Have this user given EDIT on the experiment, on the registered model, and on the model of the same name with ~moves at its end, which holds the alias moves";

function explainNotMlflow(failure: Of<"registry.not-mlflow">, again: string): FailureText {
  const { status, contentType, redirect, excerpt } = failure;
  const kind = [status ?? "no HTTP", contentType].filter((part) => part !== null).join(", ");
  const advice =
    redirect !== null
      ? `It sends its reader to ${redirect}: if that is the server, write its address into \`registry.uri\`; if it is a login page, let retrain pass by it`
      : status === 413
        ? "A server in front of MLflow limits the size of a request: raise its limit (nginx: client_max_body_size)"
        : "Correct host, port and path of `registry.uri` (or MLFLOW_TRACKING_URI); behind a login page, use the address that programs use";
  return {
    title: "What answers at this address is not the API of an MLflow server",
    where: `${failure.request} at ${failure.uri}`,
    expected: "an answer of MLflow",
    details: [[`It answered ${kind}`, ...said(excerpt)].join(": ")],
    next: [advice, `Then run ${again}`],
  };
}
