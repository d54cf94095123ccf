import type { ModelRegistry } from "../kit/registry.js";
import { layerOn, type RegistryPlace } from "./embedded/registry.js";

/**
 * A registry for dry runs: it shows everything in `base`, keeps every change in `folder`, and continues the version numbers of
 * `base`. What it answers is what `base` would have answered to the same calls.
 */
export function scratchRegistry(base: ModelRegistry, place: RegistryPlace): ModelRegistry {
  return layerOn(base, "scratch", base.uri, place);
}
