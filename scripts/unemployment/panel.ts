/** A row of `unemployment-across-industries.json` in the npm package vega-datasets. */
export interface IndustryMonth {
  readonly series: string;
  readonly year: number;
  readonly month: number;
  /** Thousands of unemployed persons. */
  readonly count: number;
  /** Unemployment rate in percent. */
  readonly rate: number;
}

/** Supersectors as the Current Population Survey groups them. */
const SECTORS: Readonly<Record<string, string>> = {
  Agriculture: "other",
  "Business services": "services",
  Construction: "goods",
  "Education and Health": "services",
  Finance: "services",
  Government: "other",
  Information: "services",
  "Leisure and hospitality": "services",
  Manufacturing: "goods",
  "Mining and Extraction": "goods",
  Other: "services",
  "Self-employed": "other",
  "Transportation and Utilities": "services",
  "Wholesale and Retail Trade": "services",
};

/** The panel as CSV, sorted by industry, then month. */
export function unemploymentCsv(rows: readonly IndustryMonth[]): string {
  const lines = rows.map(({ series, year, month, count, rate }) => {
    const sector = SECTORS[series];
    if (sector === undefined) throw new Error(`no sector for the industry ${series}`);
    return [series, `${year}-${String(month).padStart(2, "0")}`, sector, count, rate].join(",");
  });
  return `${["industry,month,sector,unemployed,rate", ...lines.sort()].join("\n")}\n`;
}
