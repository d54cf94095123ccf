import type { RegistryFailure } from "../../kit/failures/registry.js";
import { readingsText } from "../../kit/registry-address.js";
import { shortHash } from "../format.js";
import { explainConnectionFailure } from "./connection.js";
import { explainDamage } from "./damage.js";
import { explainDiverged } from "./diverged.js";
import {
  againCommand,
  assertNever,
  at,
  type FailureContext,
  type FailureText,
  namedBy,
  quarterCommand,
} from "./text.js";

export function explainRegistryFailure(failure: RegistryFailure, context: FailureContext): FailureText {
  const { commands } = context;
  const again = againCommand(context);
  switch (failure.code) {
    case "registry.uri-unsupported":
      return {
        title: "There is no registry behind this address",
        where: failure.uri,
        expected: "`http://` or `https://` and an MLflow server, or `file:` and a folder",
        details: [failure.problem],
        next: [
          ...(failure.readings.length === 0 ? [] : [`Write ${readingsText(failure.readings)}`]),
          `It stands in \`registry.uri\` of the runbook (\`${commands.check()}\` tries it), in MLFLOW_TRACKING_URI, or behind \`--from\` or \`--to\``,
        ],
      };
    case "registry.version-missing":
      return {
        title: `The registry has no version ${failure.version} of ${failure.name}`,
        where: null,
        expected: "a version that was registered and not deleted",
        details: [],
        next: [`See what there is: \`${commands.models()}\``],
      };
    case "registry.version-damaged":
      return explainDamage(failure, context);
    case "registry.run-missing":
      return {
        title: `The registry has no run ${failure.runId}`,
        where: null,
        expected: "a run that was recorded and not deleted",
        details: [],
        next: [`See what there is: \`${commands.models()}\``],
      };
    case "registry.file-missing":
      return {
        title: `The registry has no file ${failure.path}`,
        where: failure.owner,
        expected: failure.path,
        details: ["It was deleted, or the upload never finished."],
        next: [`Put it back: ${again} repairs an unfinished upload`],
      };
    case "registry.model-immutable":
      return {
        title: `Version ${failure.version} of ${failure.name} already holds another model; versions never change`,
        where: `${failure.name} version ${failure.version}`,
        expected: `digest ${shortHash(failure.expected)}`,
        details: [`The model that was offered has digest ${shortHash(failure.actual)}.`],
        next: [`Register a new version: ${quarterCommand(context, "--fresh")}`],
      };
    case "registry.corrupt":
      return {
        title: "A file of the registry is damaged",
        where: failure.path,
        expected: null,
        details: [failure.detail],
        next: ["Restore that file from a backup of the registry; retrain does not guess what it held"],
      };
    case "registry.trail-damaged": {
      const isFormat = failure.path.endsWith("registry.json");
      return {
        title: isFormat
          ? "The file by which a folder is a registry is damaged"
          : `The record of alias moves of ${failure.name} is not what was written`,
        where: failure.path,
        expected: isFormat
          ? '{"format":1}'
          : "lines whose hashes follow from each other, as many as were written",
        details: [
          failure.detail,
          `So what the aliases of ${failure.name} name is not known, and nothing is moved.`,
        ],
        next: [
          `Restore it from a backup of the registry, then run ${again}`,
          `Or say which version is live: \`${commands.adopt("VERSION")}\` keeps what is sound of the record and sets the rest aside; \`${commands.runs()}\` tells what was promoted`,
        ],
      };
    }
    case "registry.name-invalid":
      return {
        title: `The registry cannot store the name ${JSON.stringify(failure.name)}`,
        where: null,
        expected: failure.detail,
        details: [],
        next: [`Correct the name in the runbook and try it with \`${commands.check()}\``],
      };
    case "registry.busy":
      return {
        title: "Another process is writing to the registry",
        where: failure.path,
        expected: "one writer at a time",
        details: [
          `Held by ${failure.holder}.`,
          "A lock whose process has died on this host is taken over without being asked.",
        ],
        next: [
          `Wait for it, then run ${again}`,
          `If it is on another host and you know that it is dead: \`${commands.unlock({ path: failure.path }, "i-know-it-is-dead")}\``,
        ],
      };
    case "registry.diverged":
      return explainDiverged(failure);
    case "registry.refused":
      return {
        title: "MLflow refused what retrain asked of it",
        where: `${failure.call}: HTTP ${failure.status}${failure.error === null ? "" : ` ${failure.error}`}`,
        expected: null,
        details: failure.detail === "" ? [] : [failure.detail],
        next: [`Correct what the message names, on the server or in the runbook, then run ${again}`],
      };
    case "registry.answer-unexpected":
      return {
        title: "MLflow answered something that retrain does not understand",
        where: failure.call,
        expected: "an answer as MLflow 3.18 gives it",
        details: [failure.detail],
        next: [`See which release the server runs: its address with /version; then run ${again}`],
      };
    case "snapshot.unreadable":
      return {
        title: "The snapshot cannot be read",
        where: at(failure.file, failure.line),
        expected: "columns series, period and forecast, one row a series and period",
        details: [failure.detail],
        next: [
          failure.option === undefined
            ? "Restore the file from a copy of the registry, or run the quarter that wrote it again with `--fresh`"
            : `Correct the file, or ${namedBy(failure)}`,
          `Then run ${again}`,
        ],
      };
    case "registry.settings-invalid":
    case "registry.unreachable":
    case "registry.denied":
    case "registry.host-rejected":
    case "registry.not-mlflow":
    case "registry.artifacts-elsewhere":
    case "registry.too-old":
    case "registry.server-error":
      return explainConnectionFailure(failure, context);
    default:
      return assertNever(failure);
  }
}
