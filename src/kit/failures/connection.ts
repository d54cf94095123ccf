/** Failures on the way to an MLflow server. `uri` is its address without credentials; `request` a method and a path under it. */
export type ConnectionFailure =
  | {
      /** A variable of the environment, or a file that one names, that cannot be used. Its value is shown only where it is a path. */
      readonly code: "registry.settings-invalid";
      readonly retryable: false;
      readonly setting: string;
      readonly expected: string;
      readonly detail: string | null;
    }
  | {
      readonly code: "registry.unreachable";
      readonly retryable: boolean;
      readonly uri: string;
      readonly request: string;
      readonly reason: "refused" | "dns" | "tls" | "timeout" | "reset" | "proxy" | "other";
      readonly detail: string;
      /** Host and port of the proxy that was configured, or null. */
      readonly proxy: string | null;
      /** How often it was tried. */
      readonly attempts: number;
    }
  | {
      readonly code: "registry.denied";
      readonly retryable: false;
      readonly uri: string;
      readonly request: string;
      readonly by: "server" | "proxy";
      readonly status: number;
      /** What was sent to the server. */
      readonly credentials: "none" | "basic" | "token";
      readonly message: string;
    }
  | {
      /** MLflow's server takes requests only under the host names that it was started with. */
      readonly code: "registry.host-rejected";
      readonly retryable: false;
      readonly uri: string;
      /** The `Host` header that was sent. */
      readonly host: string;
    }
  | {
      readonly code: "registry.not-mlflow";
      readonly retryable: false;
      readonly uri: string;
      readonly request: string;
      /** Null for an answer that is no HTTP. */
      readonly status: number | null;
      readonly contentType: string | null;
      /** Where the answer sends its reader, without query, or null. */
      readonly redirect: string | null;
      /** How the answer begins, as plain text. */
      readonly excerpt: string;
    }
  | {
      readonly code: "registry.artifacts-elsewhere";
      readonly retryable: false;
      readonly uri: string;
      readonly location: string;
    }
  | {
      readonly code: "registry.too-old";
      readonly retryable: false;
      readonly uri: string;
      readonly version: string;
      readonly minimum: string;
    }
  | {
      readonly code: "registry.server-error";
      readonly retryable: true;
      readonly uri: string;
      readonly request: string;
      readonly status: number;
      /** MLflow's `error_code`, or null. */
      readonly error: string | null;
      readonly message: string;
      /** How often it was tried. */
      readonly attempts: number;
    };
