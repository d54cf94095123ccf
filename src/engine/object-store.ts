import { chmodSync, constants, copyFileSync, linkSync, readdirSync, statSync, unlinkSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { errnoOf, withErrno } from "../durable/errno.js";
import { digest } from "../durable/hash.js";
import type { Artifact, ArtifactFile, ArtifactKind, ArtifactReader } from "../kit/artifact.js";
import { FailureError, fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import { canonicalJson } from "../kit/json.js";

/** Files by content. An object is written once, made read-only, and checked against its name before it is used again. */
export class ObjectStore {
  constructor(
    private readonly folder: string,
    private readonly files: DurableFiles,
  ) {}

  pathOf(sha256: string): string {
    return join(this.folder, sha256.slice(0, 2), sha256.slice(2));
  }

  /**
   * Takes the files under `staging` into the store and leaves them there for people to browse, as links to the objects where the file system
   * has links.
   */
  async take(kind: ArtifactKind, staging: string): Promise<Artifact> {
    const files: ArtifactFile[] = [];
    for (const path of await withErrno("list", staging, async () => filesBelow(staging))) {
      const source = join(staging, path);
      const sha256 = await this.files.sha256(source);
      if (sha256 === null)
        return fail({ code: "step.artifact-file-missing", retryable: false, kind, file: path });
      const object = this.pathOf(sha256);
      // An object that was damaged on the disk is made anew from the fresh copy.
      if ((await this.files.exists(object)) && (await this.files.sha256(object)) !== sha256)
        await this.files.remove(object);
      await this.files.copyInto(source, object);
      const { size } = await withErrno("make read-only", object, async () => {
        chmodSync(object, 0o444);
        return statSync(object);
      });
      await linkBack(object, source);
      files.push({ path: path.split(sep).join("/"), sha256, bytes: size });
    }
    return { kind, hash: artifactHash(kind, files), files };
  }

  /** Null if every file exists and still has its content, else what is wrong, for people. */
  async damage(artifact: Artifact): Promise<string | null> {
    if (artifactHash(artifact.kind, artifact.files) !== artifact.hash) return "its record is damaged";
    for (const file of artifact.files) {
      const actual = await this.files.sha256(this.pathOf(file.sha256));
      if (actual === null) return `its ${file.path} is gone from the object store`;
      if (actual !== file.sha256) return `its ${file.path} in the object store is damaged`;
    }
    return null;
  }

  reader(artifact: Artifact): ArtifactReader {
    const file = (path: string): string => {
      const found = artifact.files.find((candidate) => candidate.path === path);
      if (!found)
        return fail({
          code: "step.artifact-file-missing",
          retryable: false,
          kind: artifact.kind,
          file: path,
        });
      return this.pathOf(found.sha256);
    };
    return {
      ...artifact,
      file,
      readJson: async (path, schema) => {
        const text = await this.files.readText(file(path));
        try {
          return schema.parse(JSON.parse(text ?? ""));
        } catch (error) {
          if (error instanceof FailureError) throw error;
          return fail(
            {
              code: "step.artifact-invalid",
              retryable: false,
              kind: artifact.kind,
              file: path,
              detail: (error as Error).message,
            },
            error,
          );
        }
      },
    };
  }

  /** Puts an artifact's files where people browse a run. */
  async show(artifact: Artifact, folder: string): Promise<void> {
    for (const file of artifact.files) {
      const target = join(folder, ...file.path.split("/"));
      await this.files.makeFolder(join(target, ".."));
      await linkBack(this.pathOf(file.sha256), target);
    }
  }
}

function artifactHash(kind: ArtifactKind, files: readonly ArtifactFile[]): string {
  return digest(canonicalJson({ kind, files: files.map(({ path, sha256 }) => ({ path, sha256 })) }));
}

/**
 * Relative paths, sorted by code unit.
 * @throws Error on a link or another special file: leaving it out would make a smaller artifact than the step wrote
 */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths: string[] = [];
  for (const entry of entries) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (entry.isFile()) paths.push(path);
    else if (!entry.isDirectory())
      throw new Error(`an artifact holds files and folders only, and ${path} is neither`);
  }
  return paths.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

async function linkBack(object: string, target: string): Promise<void> {
  await withErrno("link", target, async () => {
    try {
      unlinkSync(target);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
    try {
      linkSync(object, target);
    } catch {
      // Another device, or a file system without links: people get a copy.
      copyFileSync(object, target, constants.COPYFILE_FICLONE);
    }
  });
}
