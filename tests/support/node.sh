#!/bin/sh
# Prints the path of the node to use: the one that `npm ci` put in node_modules, which all is tested
# with, or the machine's own where it is 24 or newer. The one place that knows; ../../limevisor and
# the Makefile ask it. Each command of ours asks: ours is known by what npm says of it, and where its
# loader is it runs, since to ask it would take a fifth of the time that a command takes.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
major=24

case $(uname -m) in
  aarch64 | arm64) arch=arm64 loader=/lib/ld-linux-aarch64.so.1 ;;
  *) arch=x64 loader=/lib64/ld-linux-x86-64.so.2 ;;
esac

# Whether a version is new enough: v24.1.0, "24.1.0", or what is none.
is_enough() {
  found=${1#[v\"]}
  [ "${found%%.*}" -ge "$major" ] 2>/dev/null
}

ours=$root/node_modules/node-linux-$arch
if [ -x "$ours/bin/node" ] && [ -e "$loader" ]; then
  while read -r key value; do
    [ "$key" = '"version":' ] && is_enough "$value" || continue
    printf '%s\n' "$ours/bin/node"
    exit 0
  done <"$ours/package.json"
fi 2>/dev/null

node=$(command -v node || true)
if [ -x "$node" ] && is_enough "$("$node" --version 2>/dev/null)"; then
  printf '%s\n' "$node"
  exit 0
fi

echo "limevisor: needs node $major or newer and finds none; run 'make setup' in $root" >&2
exit 1
