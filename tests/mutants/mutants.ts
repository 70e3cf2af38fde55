/**
 * Faults that matter, each as one line of a source that says something else, and the tests that
 * have to find it. Of a fault that once lived there is a row here for ever.
 */

import { acknowledging } from './acknowledging.ts';
import { refusing } from './refusing.ts';
import { syncing } from './syncing.ts';

export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Is there once. */
  readonly from: string;
  readonly to: string;
  /** One of them is enough. */
  readonly tests: readonly string[];
}

export const mutants: readonly Mutant[] = [
  {
    name: 'what is led is not counted by rule',
    file: 'hypervisor/tenant/redirected-packets.ts',
    from: 'rulebook.size > limits.ledRulesMax',
    to: 'rulebook.size > -1',
    tests: ['tests/sim/cached.test.ts'],
  },
  {
    name: 'the store is never synced',
    file: 'hypervisor/store/node-disk.ts',
    from: 'sync: (done) => fs.fdatasync(fd, done)',
    to: 'sync: (done) => void setImmediate(done, null)',
    tests: ['tests/hypervisor/node-disk.test.ts'],
  },
  {
    name: 'a new store is never synced',
    file: 'hypervisor/store/node-disk.ts',
    from: 'syncNow: () => fs.fsyncSync(fd)',
    to: 'syncNow: () => undefined',
    tests: ['tests/hypervisor/node-disk.test.ts'],
  },
  {
    name: 'the name of a store is never synced',
    file: 'hypervisor/store/node-disk.ts',
    from: 'fs.fsyncSync(folder);',
    to: '',
    tests: ['tests/hypervisor/node-disk.test.ts'],
  },
  {
    name: 'zeros are written over what is there',
    file: 'hypervisor/store/node-disk.ts',
    from: "fs.openSync(path, 'a')",
    to: "fs.openSync(path, 'r+')",
    tests: ['tests/hypervisor/node-disk.test.ts'],
  },
  {
    name: 'a flow-mod of a known form names the group that was there first',
    file: 'translation/requests/flow-mod-forms.ts',
    from: 'known !== undefined && this.#stands(known)',
    to: 'known !== undefined',
    tests: ['tests/hypervisor/flow-mods.test.ts', 'tests/translation/flow-mod-forms.test.ts'],
  },
  {
    name: 'flow-mods that joined a lot are refused with the bytes of others',
    file: 'hypervisor/tenant/unanswered-flow-mods.ts',
    from: 'this.#came.put(bytesOf(this.#kept.dv, at, length))',
    to: 'void at',
    tests: ['tests/hypervisor/flow-mods.test.ts'],
  },
  {
    name: 'a commit is acknowledged when it is written',
    file: 'hypervisor/store/log-file.ts',
    from: 'if (isNow) this.#sync(commit);',
    to: 'if (isNow) this.#finish(commit);',
    tests: ['tests/hypervisor/store-crashes.test.ts'],
  },
  {
    name: 'a torn commit is taken for a whole one',
    file: 'hypervisor/store/log-format.ts',
    from: '=== checksum ? payload : undefined',
    to: '=== checksum ? payload : payload',
    tests: ['tests/hypervisor/store-torn.test.ts', 'tests/hypervisor/store-crashes.test.ts'],
  },
  {
    name: 'a step of a migration is done before it is journalled',
    file: 'hypervisor/migrate/migration-ready.ts',
    from: 'return sentOnDisk(entries, messages);',
    to: 'return { entries, messages, answers: [] };',
    tests: ['tests/hypervisor/two-bodies.test.ts'],
  },
  {
    name: 'a plan that begins while another ends is forgotten',
    file: 'hypervisor/datapath/paced-plans.ts',
    from: 'this.#underWay = planned;\n    this.#tell();',
    to: 'this.#tell();\n    this.#underWay = planned;',
    tests: ['tests/hypervisor/paced-plans.test.ts', 'tests/sim/concurrent-migrations.test.ts'],
  },
  {
    name: 'a port is seen down while another way is looked for',
    file: 'hypervisor/tenant/links.ts',
    from: 'if (wasUp !== undefined) return wasUp;',
    to: '',
    tests: ['tests/hypervisor/port-status.test.ts'],
  },
  {
    name: 'what waits for the disk is sent before',
    file: 'hypervisor/store/ready.ts',
    from: "if (onDisk === 'messages') {",
    to: 'if (onDisk === undefined && !entries) {',
    tests: ['tests/hypervisor/ready.test.ts'],
  },
  {
    name: 'a clone that goes away takes the controllers with it',
    file: 'hypervisor/tenant/refreshing.ts',
    from: 'if (isGone) runtime.refresh(why);',
    to: 'runtime.refresh(why);',
    tests: ['tests/hypervisor/clone-refuses.test.ts'],
  },
  {
    name: 'an undo keeps the clone',
    file: 'translation/migration/migration-states.ts',
    from: "[placeAll, { type: 'leave', on: to } as const]",
    to: '[placeAll]',
    tests: ['tests/hypervisor/clone-refuses.test.ts'],
  },
  {
    name: 'a barrier is answered at once',
    file: 'hypervisor/tenant/requests.ts',
    from: "this.#order.submit({\n          type: 'barrier',",
    to: "(({ done }) => done())({\n          type: 'barrier',",
    tests: ['tests/hypervisor/flow-mods.test.ts', 'tests/hypervisor/many-rules.test.ts'],
  },
  {
    name: 'guards are skipped: two bodies are at work',
    file: 'hypervisor/tenant/single-body.ts',
    from: "return this.#puntAndForward !== undefined && this.#context.guard !== 'off';",
    to: 'return false;',
    tests: ['tests/hypervisor/clone-refuses.test.ts', 'tests/sim/order.test.ts'],
  },
  {
    name: 'rules of a tenant match packets of others',
    file: 'translation/pipeline/encoding.ts',
    from: '? inVswitch(vswitch.id)',
    to: "? oxm('metadata', 0, 0)",
    tests: ['tests/attacks/holes-more.test.ts'],
  },
  {
    name: 'another tenant’s entries go with a vswitch’s',
    file: 'translation/entries/pipeline.ts',
    from: 'VSWITCH_COOKIE_MASK = 0xffff_ffff_0000_0000n',
    to: 'VSWITCH_COOKIE_MASK = 0xffff_0000_0000_0000n',
    tests: ['tests/sim/restart.test.ts', 'tests/sim/transparency.test.ts'],
  },
  {
    name: 'a number on frames is used again at once',
    file: 'slices/network/tags.ts',
    from: 'const number = freed.at(used);',
    to: 'const number = freed.at(freed.length - 1 - used);',
    tests: ['tests/slices/tags.test.ts'],
  },
  {
    name: 'a group’s number is used again while a body may have the old one',
    file: 'hypervisor/tenant/acknowledged.ts',
    from: 'if (isInUse) return;',
    to: '',
    tests: ['tests/hypervisor/ids-freed.test.ts'],
  },
  {
    name: 'a refusal is told before the disk has what was taken back',
    file: 'hypervisor/store/ready.ts',
    from: "if (answers.length > 0 && onDisk === 'answers')",
    to: 'if (answers.length < 0)',
    tests: ['tests/hypervisor/ready.test.ts'],
  },
  {
    name: 'each connection of a tenant has its own share of a turn',
    file: 'hypervisor/channel/channel.ts',
    from: 'new Inbox(world, this, user.turns)',
    to: 'new Inbox(world, this)',
    tests: ['tests/attacks/limits.test.ts'],
  },
  {
    name: 'a tenant’s limit of rules is not asked',
    file: 'slices/rules/rulebook.ts',
    from: 'if (existing === 0 && --left < 0) return i;',
    to: 'left -= 1;',
    tests: ['tests/attacks/limits.test.ts'],
  },
  {
    name: 'a barrier’s reply speaks for what was sent after it',
    file: 'hypervisor/datapath/acknowledgements.ts',
    from: 'if (isLater(batch.lastXid, xid)) return;',
    to: '',
    tests: ['tests/hypervisor/datapath.test.ts'],
  },
  ...acknowledging,
  ...refusing,
  ...syncing,
  {
    name: 'a body is left while packets come to it',
    file: 'hypervisor/tenant/drain.ts',
    from: 'if (now - stillSinceMs >= limits.drainStillMs) done();',
    to: 'if (now > 0) done();',
    tests: ['tests/hypervisor/two-bodies.test.ts'],
  },
  {
    name: 'what a body counted is lost when it is left',
    file: 'hypervisor/tenant/bodies.ts',
    from: "rule.counter.leave(on);\n        return { type: 'rule',",
    to: "return { type: 'rule',",
    tests: ['tests/hypervisor/two-bodies.test.ts'],
  },
  {
    name: 'flow-removed is told by the first body',
    file: 'hypervisor/tenant/flow-removed.ts',
    from: 'if (expected.waiting.size === 0) this.#tell(serial);',
    to: 'this.#tell(serial);',
    tests: ['tests/hypervisor/two-bodies.test.ts'],
  },
  {
    name: 'a datapath is sent changes before it was compared',
    file: 'hypervisor/datapath/writer.ts',
    from: 'if (isTaken) this.#send(',
    to: 'if (this.#connection) this.#send(',
    tests: ['tests/hypervisor/datapath.test.ts'],
  },
  {
    name: 'what is refused of an owner stays in the intent',
    file: 'hypervisor/datapath/writer.ts',
    from: 'noting(this.#datapath, messages, this.#boundary.bind(told))',
    to: 'noting(this.#datapath, [], this.#boundary.bind(told))',
    tests: ['tests/hypervisor/datapath.test.ts'],
  },
  {
    name: 'what was not acknowledged is forgotten by the store',
    file: 'hypervisor/tenant/changes.ts',
    from: "[{ type: 'changes', vswitch: vswitch.name, ...list }]",
    to: '[]',
    tests: [
      'tests/hypervisor/open-changes.test.ts',
      'tests/hypervisor/acknowledged-prefixes.test.ts',
    ],
  },
  {
    name: 'what a tenant configured of its ports is not kept',
    file: 'hypervisor/tenant/ports.ts',
    from: "entries: [{ type: 'portConfigs', vswitch: vswitch.name, configs }],",
    to: 'entries: [],',
    tests: ['tests/hypervisor/acknowledged-prefixes.test.ts'],
  },
  {
    name: 'a group that was refused stays in the store',
    file: 'hypervisor/tenant/groups.ts',
    from: 'entries: [this.#entry(groupId, stands)]',
    to: 'entries: []',
    tests: ['tests/hypervisor/acknowledged-prefixes.test.ts'],
  },
  {
    name: 'what was acknowledged is taken back after a restart',
    file: 'translation/changes/unanswered.ts',
    from: 'this.#listed.delete(number);\n      this.#over.push(number);',
    to: 'this.#listed.delete(number);',
    tests: ['tests/hypervisor/open-changes.test.ts'],
  },
  {
    name: 'what is not ours stays on a datapath that connects',
    file: 'hypervisor/datapath/inventory.ts',
    from: 'if (cookie === undefined) this.foreign += 1;',
    to: 'if (cookie === undefined) return;',
    tests: ['tests/hypervisor/many-compared.test.ts', 'tests/hypervisor/store-identity.test.ts'],
  },
  {
    name: 'a datapath that comes is compared with its intent in one turn',
    file: 'hypervisor/datapath/tenants.ts',
    from: 'return chunks(all, limits.slotsPerStep);',
    to: 'return chunks(all, Number.MAX_SAFE_INTEGER);',
    tests: ['tests/hypervisor/turns.test.ts'],
  },
  {
    name: 'the wiring of a vswitch is planned in one turn',
    file: 'hypervisor/datapath/wiring-plans.ts',
    from: "if (owner.type === 'wiring') yield* wiringSteps(context.snapshot(), on, owner.vswitch);",
    to: '',
    tests: ['tests/hypervisor/turns.test.ts'],
  },
  {
    name: 'what becomes another while a datapath is compared is not looked at again',
    file: 'translation/intent/intent.ts',
    from: 'this.flows.changed = changed.flows;',
    to: '',
    tests: ['tests/hypervisor/intent-corrections.test.ts'],
  },
  {
    name: 'a graceful stop tells big switches that their members went',
    file: 'hypervisor/migrate/members.ts',
    from: 'this.#isStopped = true;',
    to: '',
    tests: ['tests/hypervisor/big-switch.test.ts'],
  },
  {
    name: 'what one member of a big switch refuses, the others keep',
    file: 'hypervisor/tenant/repairs.ts',
    from: ', ...bodies.filter((one) => members.includes(one))',
    to: '',
    tests: ['tests/hypervisor/big-switch.test.ts'],
  },
];
