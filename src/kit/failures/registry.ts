/** Failures of the model registry and of the snapshots kept in it. */
export type RegistryFailure =
  | { readonly code: "registry.uri-unsupported"; readonly retryable: false; readonly uri: string }
  | {
      readonly code: "registry.version-missing";
      readonly retryable: false;
      readonly name: string;
      readonly version: string;
    }
  | { readonly code: "registry.run-missing"; readonly retryable: false; readonly runId: string }
  | {
      readonly code: "registry.file-missing";
      readonly retryable: false;
      readonly owner: string;
      readonly path: string;
    }
  | {
      readonly code: "registry.model-immutable";
      readonly retryable: false;
      readonly name: string;
      readonly version: string;
      readonly expected: string;
      readonly actual: string;
    }
  | {
      readonly code: "registry.corrupt";
      readonly retryable: false;
      readonly path: string;
      readonly detail: string;
    }
  | {
      readonly code: "registry.name-invalid";
      readonly retryable: false;
      readonly name: string;
      readonly detail: string;
    }
  | {
      readonly code: "registry.busy";
      readonly retryable: true;
      readonly path: string;
      readonly holder: string;
    }
  | {
      readonly code: "snapshot.unreadable";
      readonly retryable: false;
      readonly file: string;
      readonly line: number | null;
      readonly detail: string;
    };
