/**
 * The changes that controllers of a vswitch see when another configuration follows
 * (difference-seen.ts): they are disconnected, dialled, or both.
 */
import { fieldsOf, tlsOf, tlsRows } from '../config/config-fields.ts';
import { isSame } from '../config/config-print.ts';
import { isUnix, listenText, type Target, targetText } from '../config/target.ts';
import type { VswitchConfig } from '../config/values.ts';
import type { VswitchName } from '../ids.ts';
import type { Sight, SightType } from './seen.ts';

export function controllersSeen(
  vswitch: VswitchName,
  was: VswitchConfig | undefined,
  is: VswitchConfig | undefined,
): readonly Sight[] {
  const sights: Sight[] = [];
  const whyAnew = was && is ? whyConnectedAnew(was, is) : undefined;
  const sees = (type: SightType, what: string, why: string): void => {
    sights.push({ vswitch, what, type, why });
  };
  const compare = (key: 'controllers' | 'listen', textOf: (one: Target) => string): void => {
    const before = new Map(was?.[key].map((one) => [textOf(one), one]));
    const after = new Map(is?.[key].map((one) => [textOf(one), one]));
    const isDialled = key === 'controllers';
    const guests = (text: string) => (isDialled ? text : `whoever came to ${text}`);
    for (const [text, one] of before) {
      const now = after.get(text);
      const why = is === undefined ? 'the vswitch is removed' : 'it is removed';
      const anew = now && (whyAnew ?? whyTls(one, now));
      if (now !== undefined && anew === undefined) continue;
      sees('disconnected', guests(text), anew ?? why);
      if (anew !== undefined && isDialled) sees('dialled', text, anew);
    }
    for (const text of after.keys()) {
      if (isDialled && !before.has(text)) sees('dialled', text, 'it is added');
    }
  };
  compare('controllers', targetText);
  compare('listen', listenText);
  return sights;
}

/** What a controller is told once, when it connects. */
function whyConnectedAnew(was: VswitchConfig, is: VswitchConfig): string | undefined {
  if (was.dpid !== is.dpid) return 'its dpid is another';
  if (!isSame(was.versions.map(String), is.versions.map(String))) return 'it is offered others';
  return was.buffers === is.buffers ? undefined : 'it has other buffers';
}

function whyTls(was: Target, is: Target): string | undefined {
  if (isUnix(was) || isUnix(is)) return undefined;
  const [before, after] = [tlsOf([was]), tlsOf([is])];
  if (before === undefined || after === undefined) return undefined;
  const isKept = isSame(fieldsOf(before, tlsRows), fieldsOf(after, tlsRows));
  return isKept ? undefined : 'its TLS files are others';
}
