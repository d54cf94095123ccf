import { readFileSync } from "node:fs";

export interface OracleMember {
  readonly parameters: number | readonly [alpha: number, beta: number, phi: number];
  readonly forecast: readonly number[];
  readonly sse: number;
}

/** Written by tests/oracles/theta.py. */
export interface OracleCase {
  readonly name: string;
  readonly season: number;
  readonly row: readonly number[];
  readonly autocorrelations: readonly number[];
  readonly multiplicative: boolean;
  readonly seasonal: readonly number[];
  readonly share: number;
  readonly weight: number;
  readonly deseasonalised: readonly number[];
  readonly members: Readonly<Record<"ses" | "theta" | "damped", readonly OracleMember[]>>;
  readonly statsforecast: readonly { readonly alpha: number; readonly forecast: readonly number[] }[];
  readonly forecast: Readonly<Record<"ses" | "theta" | "damped", readonly number[]>>;
}

export const oracle = JSON.parse(
  readFileSync(new URL("./oracle.golden.json", import.meta.url), "utf8"),
) as readonly OracleCase[];
