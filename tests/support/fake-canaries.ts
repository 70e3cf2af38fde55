/** A fake switch's canaries (translation/datapath/canary.ts), which answer as cached flows do. */
import { flowCommand } from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { canaryIn } from '../../translation/datapath/canary.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';

/** Where a frame says from whom it is. */
const FROM_AT = 6;

/** By port: the address that frames come back from, and what the next still shows. */
export class FakeCanaries extends Map<
  number,
  { readonly from: Uint8Array; readonly shown: Uint8Array }
> {
  /** As of a cached flow: a version is shown once more when the next is there. */
  change({ command, instructions, cookie }: FlowMod): void {
    const port = readCookie(cookie)?.serial ?? 0;
    const [first] = instructions;
    const actions = first?.type === 'applyActions' ? first.actions : [];
    const from = actions.flatMap((one) => (one.type === 'setField' ? [one.oxm.value] : []))[0];
    if (command >= flowCommand.delete || from === undefined) this.delete(port);
    else this.set(port, { from, shown: this.get(port)?.shown ?? from });
  }

  /** The frame that goes back out of the port; undefined where none does. */
  back(port: number, data: Uint8Array): Uint8Array | undefined {
    const canary = this.get(port);
    const frame = canaryIn(data);
    if (canary === undefined || frame === undefined || frame.version !== undefined)
      return undefined;
    const back = data.slice();
    back.set(canary.shown, FROM_AT);
    this.set(port, { ...canary, shown: canary.from });
    return back;
  }
}
