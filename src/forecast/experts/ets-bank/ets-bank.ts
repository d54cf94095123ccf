import type { ExpertKind } from "../kind.js";
import { emitEtsBank } from "./emit.js";
import { forecastEtsBank } from "./forecast.js";
import type { EtsBankExpert } from "./model.js";

/**
 * Exponential smoothing (Hyndman, Koehler, Ord & Snyder 2008) with a damped trend or none, an additive season
 * or none, on the row and on its logarithms where all its numbers are above zero. No parameter is estimated:
 * every member of a fixed grid filters the row, and the forecast is their mean with weights
 * exp(−temper · (AICc + 2 ln(members of the class))).
 */
export const etsBank: ExpertKind<EtsBankExpert> = { forecast: forecastEtsBank, emit: emitEtsBank };
