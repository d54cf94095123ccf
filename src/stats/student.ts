/**
 * P(T > t) of Student's t with a whole number of degrees of freedom, by the finite series of Abramowitz & Stegun (1964), 26.7.3 and 26.7.4.
 * @param t may be infinite
 */
export function studentSurvival(t: number, degrees: number): number {
  const theta = Math.atan(t / Math.sqrt(degrees));
  const [sine, cosine] = [Math.sin(theta), Math.cos(theta)];
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cosine ** 2;
    sum += term;
  }
  const central = isOdd ? (2 / Math.PI) * (theta + sine * sum) : sine * sum;
  return Math.min(1, Math.max(0, (1 - central) / 2));
}

/**
 * P of one more value at least as large, of values whose logarithms are normal with unknown mean and deviation: the t of a prediction
 * interval with n − 1 degrees of freedom (Hahn 1970, "Additional factors for calculating prediction intervals").
 * @param past positive values
 * @param n how many independent values they are worth: a whole number from 2 to their count
 */
export function lognormalExceedance(value: number, past: readonly number[], n = past.length): number {
  const logs = past.map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const distance = Math.log(value) - mean;
  if (variance === 0) return distance > 0 ? 0 : 1;
  return studentSurvival(distance / Math.sqrt(variance * (1 + 1 / n)), n - 1);
}
