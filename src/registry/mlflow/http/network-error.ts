/** Why no whole answer came. */
export interface NetworkProblem {
  readonly reason: "refused" | "dns" | "tls" | "timeout" | "reset" | "proxy" | "protocol" | "other";
  /** In the words of the system, not masked. */
  readonly detail: string;
  /** Whether the server may have got the request. */
  readonly sent: boolean;
  /** Whether it may pass by itself. */
  readonly passing: boolean;
  /** What a proxy answered in place of a connection, else null. */
  readonly proxyStatus: number | null;
}

type Kind = Pick<NetworkProblem, "reason" | "sent" | "passing">;

const BY_CODE: Readonly<Record<string, Kind>> = {
  ECONNREFUSED: { reason: "refused", sent: false, passing: true },
  ENOTFOUND: { reason: "dns", sent: false, passing: false },
  EAI_AGAIN: { reason: "dns", sent: false, passing: true },
  UND_ERR_CONNECT_TIMEOUT: { reason: "timeout", sent: false, passing: true },
  EHOSTUNREACH: { reason: "refused", sent: false, passing: true },
  ENETUNREACH: { reason: "refused", sent: false, passing: true },
  UND_ERR_HEADERS_TIMEOUT: { reason: "timeout", sent: true, passing: true },
  UND_ERR_BODY_TIMEOUT: { reason: "timeout", sent: true, passing: true },
  ETIMEDOUT: { reason: "timeout", sent: true, passing: true },
  ECONNRESET: { reason: "reset", sent: true, passing: true },
  ECONNABORTED: { reason: "reset", sent: true, passing: true },
  EPIPE: { reason: "reset", sent: true, passing: true },
  UND_ERR_SOCKET: { reason: "reset", sent: true, passing: true },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { reason: "reset", sent: true, passing: true },
  UND_ERR_PRX_TLS: { reason: "tls", sent: false, passing: false },
  EPROTO: { reason: "tls", sent: false, passing: false },
};

/** Names of OpenSSL and Node for what is wrong with a certificate or a handshake. */
const TLS =
  /^(CERT_|CRL_|ERR_SSL_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|HOSTNAME_MISMATCH)/;

/** How undici says that a proxy refused, for a tunnel and for plain HTTP. */
const PROXY_ANSWER = /^Proxy (?:response|Authentication Required) \((\d{3})\)/;

/** Null for what is no trouble of the network, but a bug. */
export function networkProblem(error: unknown): NetworkProblem | null {
  const known = [...causes(error)].find((cause) => codeOf(cause) !== null);
  const code = known === undefined ? null : codeOf(known);
  if (known === undefined || code === null) return null;
  const detail = known.message || code;
  const proxyStatus = Number(PROXY_ANSWER.exec(detail)?.[1] ?? 0);
  if (proxyStatus > 0) {
    const passing = proxyStatus >= 500;
    return { reason: "proxy", detail: `it answered ${proxyStatus}`, sent: false, passing, proxyStatus };
  }
  return { ...kindOf(code, detail), detail: worded(code, detail), proxyStatus: null };
}

/** The parser of answers has no code for one that does not begin as HTTP does. */
const codeOf = (error: NodeJS.ErrnoException): string | null =>
  typeof error.code === "string" ? error.code : error.name === "HTTPParserError" ? "HPE_INVALID" : null;

function kindOf(code: string, message: string): Kind {
  const kind = BY_CODE[code];
  // A connection that ended in the handshake: nothing was asked yet.
  if (kind?.reason === "reset" && message.includes("before secure TLS connection"))
    return { ...kind, sent: false };
  if (kind !== undefined) return kind;
  if (TLS.test(code)) return { reason: "tls", sent: false, passing: false };
  if (code.startsWith("HPE_")) return { reason: "protocol", sent: true, passing: false };
  return { reason: "other", sent: true, passing: false };
}

/** OpenSSL's messages are lines of a log; their code says the same. */
function worded(code: string, message: string): string {
  if (message.includes("\n") || message.includes(":error:")) return code;
  return message.includes(code) ? message : `${message} (${code})`;
}

/** A name with several addresses gives one error for each. */
function* causes(error: unknown): Generator<NodeJS.ErrnoException> {
  if (!(error instanceof Error)) return;
  if (error instanceof AggregateError) for (const part of error.errors) yield* causes(part);
  yield* causes(error.cause);
  yield error;
}
