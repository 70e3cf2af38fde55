/**
 * Checks the files and sockets on this machine that a configuration names, so that `check` refuses
 * what `run` would find out later.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Config, Problem } from '../../slices/config/config.ts';
import { isUnix } from '../../slices/config/target.ts';
import { whyNotOpened } from '../store/store.ts';

/** Of the configuration in `file`. */
export function whyNotHere(config: Config, file: string): readonly Problem[] {
  const { control, store } = config;
  const own = path.resolve(file);
  const [controlAt, storeAt] = [control, store].map((one) => path.resolve(one));
  const isSame = (key: string, one: string | undefined, other: string | undefined, is: string) =>
    one === other ? [{ path: key, why: `is ${one}, ${is}; name another file` }] : [];
  return [
    ...isSame('control', controlAt, own, 'which is this very file'),
    ...isSame('store', storeAt, own, 'which is this very file'),
    ...isSame('store', storeAt, controlAt, 'as "control" is'),
    ...noSocket('control', control),
    ...noStoreFile(store),
    ...socketsOf(config).flatMap(([key, socket]) => noSocket(key, socket)),
  ];
}

/** Switches' own sockets, which `ack: proof` names. They may come later than we do. */
export function missingProofs({ datapaths }: Config): readonly Problem[] {
  return datapaths.flatMap(({ name, ack }) => {
    if (ack.type !== 'proof' || isSocket(ack.unixctl)) return [];
    const is = fs.existsSync(ack.unixctl) ? 'is not a socket' : 'is not there';
    const next = 'name the ovs-vswitchd.PID.ctl of this switch, or leave "ack" out';
    return [{ path: `datapaths.${name}.ack`, why: `${ack.unixctl} ${is}; ${next}` }];
  });
}

/** Where switches and controllers are listened to by Unix sockets. */
function socketsOf({ listen, vswitches }: Config): readonly (readonly [string, string])[] {
  const own = [
    { path: 'listen', all: listen },
    ...vswitches.map(({ name, listen: all }) => {
      return { path: `tenants.${name.replace('/', '.vswitches.')}.listen`, all };
    }),
  ];
  return own.flatMap(({ path: key, all }) => {
    return all.flatMap((one) => (isUnix(one) ? [[key, one.path] as const] : []));
  });
}

function noSocket(key: string, socket: string): readonly Problem[] {
  const noPlace = noFolder(key, socket);
  if (noPlace.length > 0 || !isOther(socket)) return noPlace;
  return [{ path: key, why: `${socket} exists and is not a socket; choose another path` }];
}

function isOther(file: string): boolean {
  return fs.existsSync(file) && !isSocket(file);
}

function isSocket(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isSocket() === true;
}

function noStoreFile(store: string): readonly Problem[] {
  const noPlace = noFolder('store', store);
  const stat = fs.statSync(store, { throwIfNoEntry: false });
  if (noPlace.length > 0 || stat === undefined) return noPlace;
  const is = stat.isFile()
    ? whyNotOpened(store)
    : stat.isDirectory()
      ? 'it is a folder'
      : 'it is not a file';
  if (is === undefined) return [];
  return [{ path: 'store', why: `${store}: ${is}; name another under "store"` }];
}

/** Where nothing can be made. */
function noFolder(key: string, file: string): readonly Problem[] {
  const folder = path.dirname(file);
  const stat = fs.statSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return [];
  const is = stat === undefined ? `there is no folder ${folder}; make it` : `${folder} is a file`;
  return [{ path: key, why: `${is}, or change "${key.split('.').at(-1)}"` }];
}
