#!/bin/sh
# Chromium for the browser tests: there already, or from Debian by apt-get, or a sentence on how to get one.
# Caddy for the tests of several processes as well; without it they are skipped, and in CI on Linux they fail.
if ! command -v caddy >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
	as_root=""
	[ "$(id -u)" = 0 ] || as_root="sudo -n"
	if { [ "$(id -u)" = 0 ] || [ -n "$CI" ]; } && $as_root apt-get update -qq &&
		$as_root apt-get install -y -qq --no-install-recommends caddy; then
		# the package starts a server on port 80, which nobody needs here
		$as_root systemctl disable --now caddy >/dev/null 2>&1 || true
	fi
fi
for name in chromium chromium-browser google-chrome; do
	command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -n "$LESSONKIT_CHROMIUM" ] && [ -x "$LESSONKIT_CHROMIUM" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation && exit 0
fi
echo "The browser tests need Chromium: install it (Debian: apt-get install chromium), or name one in LESSONKIT_CHROMIUM."
[ -z "$CI" ]
