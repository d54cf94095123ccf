import type { BacktestDocument } from "../../kit/backtest.js";
import { tiles } from "../page/make.js";
import type { Page } from "../page/model.js";
import { groupsSection } from "./groups.js";
import { backtestHead, figures } from "./header.js";
import { limitsSection } from "./limits.js";
import { quartersSection } from "./quarters.js";
import { rulesSection } from "./rules.js";

/**
 * backtest.html. The same document gives the same page, but for the times in it.
 * @param version of this program
 */
export const backtestPage = (document: BacktestDocument, version: string): Page => ({
  title: `${document.model.name}: backtest`,
  top: { head: backtestHead(document), blocks: [] },
  blocks: tiles(figures(document)),
  hasContents: true,
  sections: [
    quartersSection(document),
    rulesSection(document),
    limitsSection(document),
    groupsSection(document),
  ],
  footer: `Written by retrain ${version}.`,
});
