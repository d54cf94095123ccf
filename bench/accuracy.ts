import {
  alignEnds,
  cvScores,
  LARGE_MONTHLY,
  LEARNERS,
  type PublicPanel,
  REGION_QUARTERLY,
  readPublicPanel,
  TOURISM_MONTHLY,
  testWindowScores,
} from "./forecast-panels.js";

/** Mean MASE of the pooled regression that was published for the test window of tourism_monthly. */
const PUBLISHED_MASE = 1.678;

const folder = process.env.RETRAIN_PANELS;
if (folder === undefined) {
  process.stderr.write("set RETRAIN_PANELS to the folder with the public panels\n");
  process.exit(2);
}

const rows: string[][] = [["panel", "scored on", "learner", "WMAPE", "MASE", "pairs", "seconds"]];
for (const source of [LARGE_MONTHLY, REGION_QUARTERLY]) {
  const panel = await readPublicPanel(folder, source);
  await report(source, `CV, ${source.folds} folds of ${source.horizon}`, () =>
    cvScores(panel, panel.lastPeriod, source),
  );
}
const aligned = alignEnds(await readPublicPanel(folder, TOURISM_MONTHLY));
const { horizon, folds } = TOURISM_MONTHLY;
await report(TOURISM_MONTHLY, `CV before the test window, ${folds} folds of ${horizon}`, () =>
  cvScores(aligned, aligned.lastPeriod - horizon, TOURISM_MONTHLY),
);
const published = await report(TOURISM_MONTHLY, `test window, last ${horizon} of every series`, () =>
  testWindowScores(aligned, horizon),
);

process.stdout.write(`${table(rows)}\n`);
const mase = published[LEARNERS.indexOf("pooled-ridge")]!.mase!;
process.stdout.write(
  `\npublished pooled regression on that window: MASE ${PUBLISHED_MASE}; here ${mase.toFixed(3)}\n`,
);
process.exitCode = mase < PUBLISHED_MASE ? 0 : 1;

async function report(
  source: PublicPanel,
  what: string,
  score: () => ReturnType<typeof cvScores>,
): ReturnType<typeof cvScores> {
  const started = performance.now();
  const scores = await score();
  const seconds = (performance.now() - started) / 1000;
  scores.forEach(({ wmape, mase, n }, index) => {
    const figures = [wmape!.toFixed(4), mase!.toFixed(3), String(n), index === 0 ? "" : seconds.toFixed(2)];
    rows.push([source.name, what, LEARNERS[index]!, ...figures]);
  });
  return scores;
}

function table([head, ...body]: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head!), line(head!.map(() => "---")), ...body.map(line)].join("\n");
}
