/**
 * The cables of a QEMU, as it may be told to plug them in and out: `set_link` of what is at the far
 * end of each network card.
 *
 * One that waits for a guest reads nothing, and its taps keep what comes there, up to a thousand
 * frames: the guest would get them when it runs there, a second time. Unplugged, it reads and drops
 * them. It has to be so before the first comes, for one that waits for the guest to take a frame
 * reads no other, unplugged or not.
 */
import type { Qmp } from './qmp.ts';

/** Where devices are in QEMU's tree of objects: with a name, without, and those of a board. */
const FOLDERS = ['/machine/peripheral', '/machine/peripheral-anon', '/machine/unattached'];

/** Names of network back ends (`-netdev`), as network cards have them. */
export async function backEndsOf(qmp: Qmp): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const folder of FOLDERS) {
    const listed = await qmp.askValue('qom-list', { path: folder }).catch(() => []);
    for (const { name, type } of Array.isArray(listed) ? (listed as readonly Listed[]) : []) {
      if (!type.startsWith('child<')) continue;
      const asked = { path: `${folder}/${name}`, property: 'netdev' };
      // What is no network card has no such property.
      const netdev = await qmp.askValue('qom-get', asked).catch(() => undefined);
      if (typeof netdev === 'string' && netdev !== '') found.add(netdev);
    }
  }
  return [...found];
}

interface Listed {
  readonly name: string;
  readonly type: string;
}

export async function setLinks(qmp: Qmp, names: readonly string[], up: boolean): Promise<void> {
  for (const name of names) await qmp.ask('set_link', { name, up });
}
