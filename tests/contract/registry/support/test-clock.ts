import type { Clock } from "../../../../src/kit/clock.js";

/** Always the same moment: nothing may depend on the order of two times. */
export const frozenClock: Clock = { now: () => "2025-07-01T09:00:00.000Z", monotonic: () => 0 };
