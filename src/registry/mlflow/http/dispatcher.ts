import { type Dispatcher, EnvHttpProxyAgent } from "undici";
import type { Settings } from "./settings.js";

export const CONNECT_TIMEOUT_MS = 10_000;

/** Shorter than MLflow's 5 s and Gunicorn's 2 s, so that no request goes into a connection that the server is about to close. */
const IDLE_MS = 1500;

/** Connections with the TLS settings, through the proxy where there is one. */
export function dispatcherOf({ baseUrl, tls, proxy }: Settings): Dispatcher {
  const connect = { ...tls, timeout: CONNECT_TIMEOUT_MS };
  // The client's certificate is for the server only.
  const { cert: _cert, key: _key, ...proxyTls } = connect;
  const secure = baseUrl.startsWith("https:");
  const address = proxy?.url.href ?? "";
  return new EnvHttpProxyAgent({
    // Never undefined: then the process's own environment would count.
    httpProxy: secure ? "" : address,
    httpsProxy: secure ? address : "",
    noProxy: proxy?.except ?? "",
    // A proxy gets plain HTTP as such; many allow tunnels to port 443 only.
    proxyTunnel: secure,
    keepAliveTimeout: IDLE_MS,
    connect,
    requestTls: connect,
    proxyTls,
  });
}
