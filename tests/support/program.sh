#!/bin/sh
# Prints the program that ../../limevisor runs: what `make bundle` made of the sources, which starts
# in half the time, unless one of them has changed since; the sources themselves then. The change
# that counts is the file's own (ctime): an older one that was put in its place is another one, too.
# An installed package has no sources.
set -eu

cd "$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)"
bundle=hypervisor/bundle/main.js
program=hypervisor/main.ts

if [ ! -e "$program" ]; then
  program=$bundle
elif [ -e "$bundle" ]; then
  changed=$(find openflow slices translation hypervisor node_modules/.package-lock.json \
    \( -path hypervisor/page -o -path 'hypervisor/bundle*' \) -prune \
    -o -type f -cnewer "$bundle" -print -quit) || changed=unknown
  [ -n "$changed" ] || program=$bundle
fi
printf '%s\n' "$program"
