#!/bin/sh
# Installs from Debian what some tests drive: Chromium with a font of Chinese letters, a PKCS#11 token in
# software, a PostgreSQL server, and the model checker Spin with a C compiler. Ends with 0 where it cannot
# (those tests then skip and say why), unless PARLEY_PROGRAMS=required.
set -u

packages=""

needs() { # a command or file that must be there, and the packages it comes in
    command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || packages="$packages $2"
}

needs chromium chromium
needs /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc fonts-noto-cjk
needs softhsm2-util softhsm2
needs spin spin
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || packages="$packages postgresql"
needs gcc "gcc libc6-dev"

[ -z "$packages" ] && exit 0
command="apt-get install --yes --no-install-recommends$packages"

cannot() {
    echo "Some tests will be skipped: $1" >&2
    echo "Next, as root: apt-get update && $command" >&2
    [ "${PARLEY_PROGRAMS:-}" = required ] && exit 1
    exit 0
}

command -v apt-get >/dev/null || cannot "this is no Debian; not on the path:$packages."
[ "$(id -u)" -eq 0 ] || cannot "not installed:$packages. Installing takes root."

echo "installing$packages" >&2
# The tests start servers of their own; none of Debian's is to run on this machine because of them.
settings=/etc/postgresql-common/createcluster.conf
[ -e "$settings" ] || { mkdir -p "${settings%/*}" && echo "create_main_cluster = false" >"$settings"; }
export DEBIAN_FRONTEND=noninteractive
# An index may be older than the archive; a failed update with a good index is no failure.
apt-get update -qq >&2 || true
$command -qq >&2 || cannot "installing failed (see above)."
