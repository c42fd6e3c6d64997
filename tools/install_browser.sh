#!/bin/sh
# Installs what the browser tests drive: Debian's Chromium, and a font with Chinese letters.
# Ends with 0 where it cannot (the tests then skip and say why), unless PARLEY_BROWSER=required.
set -u

packages="chromium fonts-noto-cjk"
command="apt-get install --yes --no-install-recommends $packages"

cannot() {
    echo "The browser tests will be skipped: $1" >&2
    echo "Next, as root: apt-get update && $command" >&2
    [ "${PARLEY_BROWSER:-}" = required ] && exit 1
    exit 0
}

has_font() {
    ls /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc >/dev/null 2>&1
}

command -v chromium >/dev/null && has_font && exit 0
command -v apt-get >/dev/null || cannot "this is no Debian, and there is no chromium on the path."
[ "$(id -u)" -eq 0 ] || cannot "Chromium is not installed, and installing it takes root."

echo "installing $packages" >&2
export DEBIAN_FRONTEND=noninteractive
# An index may be older than the archive; a failed update with a good index is no failure.
apt-get update -qq >&2 || true
$command -qq >&2 || cannot "installing Chromium failed (see above)."
