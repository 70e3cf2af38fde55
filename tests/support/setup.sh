#!/bin/sh
# Installs the Debian packages that the tests and the demo run against, if any is missing: real
# switches, controllers that are not ours, and a dissector that is not ours.
#
# Starts no service: the packages' own start-up is refused while they install, because the tests
# start switches of their own and the machine's are none of our business.
set -eu

# package | command that shows it is there | what for | "or not": the rest runs without it. Packages
# of Debian are for Debian's python3, which need not be the first in the PATH.
wanted='
openvswitch-switch|command -v ovs-vswitchd|real switches
openvswitch-testcontroller|command -v ovs-testcontroller|a controller that is not ours
python3-os-ken|/usr/bin/python3 -c "import os_ken"|another controller that is not ours
tshark|command -v tshark|a second reader of our OpenFlow
iproute2|command -v ip|hosts in network namespaces
iputils-ping|command -v ping|traffic
iperf3|command -v iperf3|how much passes under a controller
fping|command -v fping|traffic at an exact rate
ethtool|command -v ethtool|hosts whose checksums are real
mininet|command -v mn|networks that are not ours
procps|command -v ps|measurements
chromium|command -v chromium|a browser, for the page
systemd|command -v systemd-notify|what a service tells systemd
prometheus|command -v prometheus|what reads our metrics, and its promtool
qemu-system-x86|command -v qemu-system-x86_64|guests that move with their memory|or not
'

missing=
spared=
why=
while IFS='|' read -r package check reason need; do
  [ -n "$package" ] || continue
  sh -c "$check" >/dev/null 2>&1 && continue
  if [ "$need" = 'or not' ]; then spared="$spared $package"; else missing="$missing $package"; fi
  why="$why${why:+; }$package: $reason"
done <<EOF
$wanted
EOF
[ -n "$missing$spared" ] || exit 0

# Ends where all else can do without what is missing.
without() {
  echo "setup: going on without$spared: $1" >&2
  exit 0
}

if ! command -v apt-get >/dev/null; then
  [ -n "$missing" ] || without 'there is no apt-get here'
  echo "setup: please install what these Debian packages hold ($why); there is no apt-get here" >&2
  exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
  root=
elif command -v sudo >/dev/null; then
  root=sudo
else
  [ -n "$missing" ] || without 'to install it takes root, or sudo'
  echo "setup: run as root, or install sudo, to get the Debian packages$missing" >&2
  exit 1
fi
echo "setup: installing Debian packages ($why)"

# invoke-rc.d and deb-systemd-invoke ask this file whether they may start a service: 101 is no.
policy=/usr/sbin/policy-rc.d
saved=$policy.limevisor-saved
restore() {
  $root rm -f "$policy"
  [ ! -e "$saved" ] || $root mv "$saved" "$policy"
}
[ ! -e "$policy" ] || $root mv "$policy" "$saved"
trap restore EXIT
trap 'exit 1' HUP INT TERM
printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
$root chmod 755 "$policy"

log=$(mktemp)
attempt() {
  # shellcheck disable=SC2086 # no sudo is no word
  $root env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 </dev/null
}
quietly() {
  if ! attempt "$@"; then
    cat "$log" >&2
    echo "setup: '$*' failed" >&2
    exit 1
  fi
}
install='apt-get install -q -y --no-install-recommends'
if [ -n "$missing" ]; then
  quietly apt-get update -q
  # shellcheck disable=SC2086 # lists of words
  quietly $install $missing
else
  attempt apt-get update -q || true
fi
# shellcheck disable=SC2086 # lists of words
if [ -n "$spared" ] && ! attempt $install $spared; then
  without "$(tail -n 1 "$log")"
fi
rm -f "$log"
