/**
 * The real ovs-ofctl puts what it asks for into bundles: on a virtual switch, as on a bridge.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { ofctlIn } from './ofctl.ts';
import { startSides } from './sides.ts';
import { difference } from './transcript.ts';

const sides = await startSides(version.of13);
t.teardown(() => sides.stop());
const { lab, plain, virtual } = sides;
const { run } = ofctlIn(lab);

/** By name, the lines of a file. */
const files: Readonly<Record<string, readonly string[]>> = {
  good: ['cookie=0x5,priority=7,tcp,actions=output:2', 'delete udp', 'add arp,actions=FLOOD'],
  other: ['priority=9,udp,actions=output:3', 'priority=7,tcp,actions=output:4'],
  wrong: ['priority=9,udp,actions=output:1', 'delete tcp', 'ip,actions=group:77'],
  mixed: [
    'group group_id=3,type=all,bucket=actions=output:2',
    'flow add priority=5,ip,actions=group:3',
    'flow delete arp',
  ],
  broken: ['group delete group_id=3', 'group add group_id=4,type=all,bucket=actions=group:4'],
};

t.test('ovs-ofctl --bundle: all or nothing, as on a bridge', async (t) => {
  for (const [name, lines] of Object.entries(files)) {
    fs.writeFileSync(path.join(lab.dir, name), lines.map((line) => `${line}\n`).join(''));
  }
  const commands = [
    'add-flow --bundle $ udp,actions=output:2',
    'add-flows --bundle $ good',
    'dump-flows $',
    'add-flows --bundle $ wrong',
    'dump-flows $',
    'replace-flows --bundle $ other',
    'dump-flows $',
    'bundle $ mixed',
    'dump-flows $',
    'dump-groups $',
    'bundle $ broken',
    'dump-groups $',
    'mod-flows --bundle $ ip,actions=output:1',
    'add-groups --bundle $ mixed',
    'del-flows --bundle --strict $ priority=5,ip',
    'dump-flows $',
    'del-groups $',
  ].map((command) =>
    command.replace(/ (\w+)$/, (whole, name) => {
      return name in files ? ` ${path.join(lab.dir, name)}` : whole;
    }),
  );
  const [bridge = ''] = plain.vconns;
  const expected = await run(bridge, commands);
  t.match(expected, /OFPBFC_MSG_FAILED/);
  t.match(expected, /priority=7,tcp actions=output:4/);
  t.match(expected, /actions=group:3/);
  for (const vconn of virtual.vconns) {
    t.equal(difference(expected, await run(vconn, commands)), '', vconn);
  }
});
