import fc from "fast-check";

/**
 * Property tests try the same cases every time, so that a red test is red for everybody. `FC_SEED=random` looks further: a failure then prints the
 * seed to repeat it with.
 */
const seed = process.env.FC_SEED ?? "20250630";
if (seed !== "random") fc.configureGlobal({ seed: Number(seed) });
