#!/bin/sh
# Installs what the tests of keys in a token use: Debian's SoftHSM, a PKCS#11 token in software.
# Ends with 0 where it cannot; the tests then skip and say why.
set -u

command="apt-get install --yes --no-install-recommends softhsm2"

cannot() {
    echo "The tests of keys in a token will be skipped: $1" >&2
    echo "Next, as root: apt-get update && $command" >&2
    exit 0
}

command -v softhsm2-util >/dev/null && exit 0
command -v apt-get >/dev/null || cannot "this is no Debian, and there is no SoftHSM on the path."
[ "$(id -u)" -eq 0 ] || cannot "SoftHSM is not installed, and installing it takes root."

echo "installing softhsm2" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >&2 || true
$command -qq >&2 || cannot "installing SoftHSM failed (see above)."
