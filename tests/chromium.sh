#!/bin/sh
# Browser tests need Debian's Chromium; install it when it is missing and we may.
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
else
    echo "Chromium is missing: install Debian's package chromium, or the browser tests are skipped." >&2
fi
