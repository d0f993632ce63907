#!/bin/bash
# Installs those of the named Debian packages that are missing, as root or by sudo without a password.
# Ends with status 1, and says which are missing, when it may not. Asks nothing.
set -euo pipefail

missing=()
for package in "$@"; do
    command -v "$package" >/dev/null && continue
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

install=(env DEBIAN_FRONTEND=noninteractive apt-get)
as_root=()
if ! command -v apt-get >/dev/null; then
    install=()
elif [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
    else
        install=()
    fi
fi
if [ ${#install[@]} = 0 ]; then
    echo "Not installed, and not ours to install: ${missing[*]}. As root: apt-get install ${missing[*]}" >&2
    exit 1
fi

echo "Installing ${missing[*]} ..."
# A server that nobody has set up must neither ask nor listen.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
if command -v debconf-set-selections >/dev/null; then
    echo "postfix postfix/main_mailer_type select No configuration" | "${as_root[@]}" debconf-set-selections
fi
"${as_root[@]}" "${install[@]}" update -q </dev/null >/dev/null
"${as_root[@]}" "${install[@]}" install -q -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null
