#!/bin/sh
# Makes states.tar.br: projects as the version before left them. What is in them holds the clock and the name of the machine, so each time other bytes come out.
#
#   git worktree add /tmp/before 726b404 && cd /tmp/before && npm ci && npm run build
#   sh tests/e2e/version-before/make.sh /tmp/before
set -eu
program="$1/bin/retrain.js"
here=$(cd "$(dirname "$0")" && pwd)
project=/tmp/demand
rm -rf "$project" "$project.made"
mkdir -p "$project" "$project.made"
cd "$project"

# Four series with trend, season and a fixed disturbance; `short` leaves one row of 2025Q2 out.
demand() {
  node -e '
    const lines = ["series,region,month,demand"];
    for (let s = 0; s < 4; s++)
      for (let m = 0; m < 48; m++) {
        const month = `${2022 + Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}`;
        if (process.argv[1] === "short" && s === 1 && month === "2025-05") continue;
        const odd = (((((s * 7919 + m * 104729 + 12345) % 2003) * 1009) % 2003) / 1001 - 1) * 12;
        const value = Math.round(400 + 20 * s + m + 80 * Math.sin(((m + s) / 12) * 2 * Math.PI) + odd);
        lines.push(`S${s + 1},${s % 2 === 0 ? "north" : "south"},${month}-01,${value}`);
      }
    console.log(lines.join("\n"));' "$1" > demand.csv
}
retrain() { env -u MLFLOW_TRACKING_URI RETRAIN_WORKERS=1 node "$program" "$@" > /dev/null 2>&1; }
# What a project is now becomes one of the archive, and it goes back to its first quarter.
keep() { cp -R "$project" "$project.made/$1"; rm -rf .retrain; cp -R "$project.made/first" .retrain; }

cat > runbook.yaml <<'RUNBOOK'
version: 1
name: before
data:
  source: demand.csv
  frequency: month
  columns: { series: series, time: month, target: demand, attributes: [region] }
model: { name: demand, alias: best, horizon: 6, firstRelease: promote }
registry: { uri: "file:.retrain/registry" }
steps:
  - { id: validate, uses: validate-data }
  - { id: segments, uses: refresh-segments, with: { by: [region] } }
  - { id: train, uses: train-pooled-cv, with: { folds: 2, ensemble: single, learners: [pooled-ridge] } }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook, with: { levels: [0.8] } }
  - id: gate
    uses: gate
    with:
      rules:
        - { id: rows, metric: validate.rowsThisQuarter, min: 12 }
        - { id: accuracy, metric: train.cv.wmape, max: 0.5 }
        - { id: beats-champion, compare: champion, metric: wmape, maxIncrease: 0.5 }
  - { id: promote, uses: promote }
RUNBOOK

demand whole
retrain quarter 2025Q1
cp -R .retrain "$project.made/first"

# 2025Q2 was stopped where it was asked to stop.
retrain quarter 2025Q2 --until train
keep stopped

# 2025Q2 was killed after its model was registered; the lock is left.
env -u MLFLOW_TRACKING_URI RETRAIN_WORKERS=1 node "$program" quarter 2025Q2 > /dev/null 2>&1 &
until grep -q '"step-started","step":"outlook"' .retrain/runs/2025Q2-1/journal.jsonl 2> /dev/null; do sleep 0.02; done
kill -9 $!
wait $! || true
keep killed

# 2025Q2 escalated, since a row of it is missing.
demand short
retrain quarter 2025Q2 || test $? -eq 3
keep escalated

rm -r "$project.made/first"
tar cf "$project.tar" -C "$project.made" --owner=0 --group=0 stopped killed escalated
node -e '
  const { readFileSync, writeFileSync } = require("node:fs");
  const { brotliCompressSync, constants } = require("node:zlib");
  const bytes = readFileSync(process.argv[1]);
  const params = { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(process.argv[2], brotliCompressSync(bytes, { params }));' "$project.tar" "$here/states.tar.br"
rm -rf "$project" "$project.made" "$project.tar"
