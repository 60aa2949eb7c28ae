#!/usr/bin/env bash
# Runs the browser tests in Debian's Chromium. BULLE_BIN names the built binary. UPDATE_DOCS=1 keeps the screenshots in
# docs/screenshots/.
set -eu
cd "$(dirname "$0")"
. ../../scripts/install.sh
: "${BULLE_BIN:=$PWD/../../target/debug/bulle}"
export BULLE_BIN
export BULLE_DEMO_DATA="${XDG_CACHE_HOME:-$HOME/.cache}/bulle/demo-data"
(cd ../.. && make_demo_data "$BULLE_DEMO_DATA")
npm ci --no-progress --loglevel=error
exec node --test --test-concurrency=1 --test-reporter=spec ./*.test.mjs
