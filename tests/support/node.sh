#!/bin/sh
# Prints the path of the node to use: the machine's own when it is 24 or newer, else the one that
# `npm ci` put in node_modules. The one place that knows; ../../limevisor and the Makefile ask it.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
major=24

case $(uname -m) in
  aarch64 | arm64) arch=arm64 ;;
  *) arch=x64 ;;
esac

for node in "$(command -v node || true)" "$root/node_modules/node-linux-$arch/bin/node"; do
  [ -x "$node" ] || continue
  # Not by a program: that would start all of it, for a tenth of a second.
  found=$("$node" --version 2>/dev/null) || continue
  found=${found#v}
  found=${found%%.*}
  if [ "$found" -ge "$major" ] 2>/dev/null; then
    printf '%s\n' "$node"
    exit 0
  fi
done

echo "limevisor: needs node $major or newer and finds none; run 'make setup' in $root" >&2
exit 1
