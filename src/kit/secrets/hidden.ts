import { mapTexts } from "../json.js";
import { Masker } from "./masker.js";

/** One process has one standard output and one standard error, so what must not appear there is known to the process. */
const masker = new Masker();

/** From now on these values are shown as `***`. */
export const hideSecrets = (secrets: readonly string[]): void => masker.hide(secrets);

export const maskSecrets = masker.mask;

/** Every text inside a value; the items of a list as one, since a value may be cut between two of them. */
export const maskValues = <T>(value: T): T => mapTexts(value, maskSecrets);

/** Whether what is written next may finish a secret that this text ends with. */
export const mayGoOn = (text: string): boolean => masker.mayGoOn(text);
