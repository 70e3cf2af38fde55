/**
 * The MTU of a cable in the file: `- { ends: s1:3 - s2:3, mtu: 9000 }`.
 *
 * What tenants send full-size is longer there by what we put around it (wiring/ways.ts). Nobody is
 * kept from anything: what a cable really takes, probes show (slices/network/link-states.ts).
 */
import { limits } from '../limits.ts';
import { pairText } from './config-names.ts';
import type { Parsed } from './parsed.ts';
import type { Config } from './values.ts';

/** Of a tenant's frame without its own header: what hosts send where nobody has said otherwise. */
const HOST_MTU = 1_500;
/** Of a VLAN tag, which a way across a datapath with one table has. */
const TAG_BYTES = 4;

/** As `ip link` has it: what a frame may be without its own header. */
export function parseMtu(text: string): Parsed<number> {
  const mtu = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (mtu >= limits.mtuMin && mtu <= limits.mtuMax) return { ok: true, value: mtu };
  const range = `${limits.mtuMin} to ${limits.mtuMax}`;
  return { ok: false, why: `"${text}" is not an MTU; write 1522, or 9000 (${range})` };
}

/** The cables that lack room for tenants' full-size frames by the file, a line each. */
export function smallLinks({ links, linkMtus, datapaths }: Config): readonly string[] {
  const flat = new Set(datapaths.flatMap((one) => (one.encoding === 'flat' ? [one.name] : [])));
  return links.flatMap((ends) => {
    const mtu = linkMtus.get(pairText(ends));
    const isTagged = ends.every(({ device }) => flat.has(device));
    const more = isTagged ? TAG_BYTES : limits.wrappingBytes;
    if (mtu === undefined || mtu >= HOST_MTU + more) return [];
    return [
      `cable ${pairText(ends)}: its MTU of ${mtu} leaves tenants' frames ${mtu - more} of the ` +
        `${HOST_MTU} bytes that hosts usually send; give it ${HOST_MTU + more}`,
    ];
  });
}
