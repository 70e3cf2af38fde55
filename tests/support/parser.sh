#!/bin/sh
# TypeScript's own compiler, for sources.ts, without what it says when it is told to go ("context
# canceled", each time). What goes wrong before that reaches sources.ts as an exception.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
exec "$root"/node_modules/@typescript/typescript-*/lib/tsc "$@" 2>/dev/null
