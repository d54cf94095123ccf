#!/usr/bin/env bash
# What takes too long for every change: every row, backend and view of which a change tries a sample, `init` on every real panel, and the
# packed program on every Node that is supported, with nothing that npm fetched before. Needs what `.ci/run` needs, unshare and ip (Linux), and the package registry. NODES names other releases, e.g. NODES="22 24".
set -euo pipefail
cd "$(dirname "$0")/.."

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export CI=1 MLFLOW_VENV="${MLFLOW_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/retrain/venv-mlflow}"
npm run --silent build

failed=()
mlflow=(node dist/scripts/mlflow.js --temporary --port 0)
RETRAIN_FULL=1 RETRAIN_REQUIRE_MLFLOW=1 RETRAIN_PANELS="${RETRAIN_PANELS:-$(pwd)/../shared/data}" \
  "${mlflow[@]}" --backend sqlite --variable RETRAIN_TEST_MLFLOW -- \
  "${mlflow[@]}" --backend postgresql --variable RETRAIN_TEST_MLFLOW_PG -- \
  npx vitest run || failed+=("the tests, with every row, backend, view and panel")
for major in ${NODES:-20 22 24 26}; do
  npm install --silent --no-save --ignore-scripts=false --prefix "$folder/$major" "node@$major"
  export RETRAIN_TEST_NODE="$folder/$major/node_modules/node/bin" RETRAIN_TEST_NPM_CACHE="$folder/$major/npm"
  echo "== the packed program on Node $("$RETRAIN_TEST_NODE/node" --version)"
  npx vitest run tests/components/package.test.ts || failed+=("Node $major")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
