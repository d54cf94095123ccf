import { atOnce } from "./at-once.js";
import { FailureError } from "./failure.js";
import type { TrailDamage, VersionDamage, VersionRole } from "./failures/registry.js";
import { MANIFEST_FILE, ModelManifest } from "./model-directory.js";
import type { ModelRegistry, ModelVersion } from "./registry.js";

/** How many files are read at once: over a network each is a call. */
const AT_ONCE = 4;

/** The damage that a failure tells of, or null for any other value. */
function damageIn(error: unknown): VersionDamage | null {
  const isDamage = error instanceof FailureError && error.failure.code === "registry.version-damaged";
  return isDamage ? (error.failure as VersionDamage) : null;
}

/** What a call gives, or why it cannot: damage of a version, or of the record of alias moves. */
export async function valueOrDamage<T>(reading: Promise<T>): Promise<T | VersionDamage | TrailDamage> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof FailureError) {
      const { failure } = error;
      if (failure.code === "registry.version-damaged" || failure.code === "registry.trail-damaged")
        return failure;
    }
    throw error;
  }
}

/** For a line of a plan, a decision or a warning: `version 3, the champion, is damaged in the registry: MLmodel is gone`. */
export function damageLine(damage: VersionDamage | TrailDamage): string {
  if (damage.code === "registry.trail-damaged")
    return `the record of alias moves of ${damage.name} is damaged: ${damage.detail}`;
  const { version, role, files } = damage;
  const what = role === null ? "" : `, the ${role},`;
  const found = files.map(({ path, problem }) => `${path} is ${problem === "missing" ? "gone" : "damaged"}`);
  return `version ${version}${what} is damaged in the registry: ${found.join(", ")}`;
}

/** The damage, of a version that is this to whoever needs it. */
export const inThatRole = <T extends VersionDamage | TrailDamage>(damage: T, role: VersionRole): T =>
  damage.code === "registry.version-damaged" ? { ...damage, role } : damage;

/** Says what a damaged version is to whoever needs it. */
export async function inRole<T>(role: VersionRole, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    const damage = damageIn(error);
    throw damage === null ? error : new FailureError({ ...damage, role }, { cause: error });
  }
}

/** What of a version is not as it was registered: every file is read. Null for a sound one, and for one that has no model yet. */
export async function damageOf(
  registry: ModelRegistry,
  { name, version, status }: ModelVersion,
): Promise<VersionDamage | null> {
  if (status === "pending") return null;
  const read = (path: string) => registry.readModelFile(name, version, path);
  try {
    const manifest = ModelManifest.parse(JSON.parse(new TextDecoder().decode(await read(MANIFEST_FILE))));
    const found = await atOnce(AT_ONCE, manifest.files, async ({ path }) => damageFrom(read(path)));
    const damages = found.filter((one) => one !== null);
    const [first] = damages;
    return first === undefined ? null : { ...first, files: damages.flatMap(({ files }) => files) };
  } catch (error) {
    const damage = damageIn(error);
    if (damage === null) throw error;
    return damage;
  }
}

async function damageFrom(reading: Promise<unknown>): Promise<VersionDamage | null> {
  try {
    await reading;
    return null;
  } catch (error) {
    const damage = damageIn(error);
    if (damage === null) throw error;
    return damage;
  }
}

/** Damaged versions among some of a model, in their order. */
export async function damagesOf(
  registry: ModelRegistry,
  name: string,
  versions: readonly string[],
): Promise<readonly VersionDamage[]> {
  const damages: VersionDamage[] = [];
  for (const version of versions) {
    const damage = await soundnessOf(registry, name, version);
    if (damage !== null) damages.push(damage);
  }
  return damages;
}

/** As `damageOf`, also where the version itself cannot be read. Null for one that is not there. */
async function soundnessOf(
  registry: ModelRegistry,
  name: string,
  version: string,
): Promise<VersionDamage | null> {
  try {
    const model = await registry.getVersion(name, version);
    return model === null ? null : await damageOf(registry, model);
  } catch (error) {
    const damage = damageIn(error);
    if (damage === null) throw error;
    return damage;
  }
}
