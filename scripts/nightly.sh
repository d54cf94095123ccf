#!/usr/bin/env bash
# What takes too long for every change: the packed program on every Node that is supported, with nothing that npm fetched before. Needs what `.ci/run`
# needs, unshare and ip (Linux), and the package registry. NODES names other releases, e.g. NODES="22 24".
set -euo pipefail
cd "$(dirname "$0")/.."

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export CI=1 MLFLOW_VENV="${MLFLOW_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/retrain/venv-mlflow}"
npm run --silent build

failed=()
for major in ${NODES:-20 22 24 26}; do
  npm install --silent --no-save --ignore-scripts=false --prefix "$folder/$major" "node@$major"
  export RETRAIN_TEST_NODE="$folder/$major/node_modules/node/bin" RETRAIN_TEST_NPM_CACHE="$folder/$major/npm"
  echo "== the packed program on Node $("$RETRAIN_TEST_NODE/node" --version)"
  npx vitest run tests/e2e/package.test.ts || failed+=("$major")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed on Node ${failed[*]}" >&2
  exit 1
fi
