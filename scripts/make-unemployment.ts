import { readFileSync, writeFileSync } from "node:fs";
import { type IndustryMonth, unemploymentCsv } from "./unemployment/panel.js";

const SOURCE = "node_modules/vega-datasets/data/unemployment-across-industries.json";

const rows = JSON.parse(readFileSync(SOURCE, "utf8")) as IndustryMonth[];
writeFileSync("examples/us-unemployment/data.csv", unemploymentCsv(rows));
