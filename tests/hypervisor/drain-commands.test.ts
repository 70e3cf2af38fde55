/** What `limevisor drain` refuses before it asks anybody. */
import t from 'tap';
import { lead } from '../../hypervisor/operator/drain-commands.ts';

t.test('what is about all that lives there is refused without --everything', async (t) => {
  const nobody = { socket: '/nobody/is/there', json: false };
  const refused = (options: object) => lead('drain', 's3', { ...nobody, ...options });
  await t.rejects(refused({ hosts: true, driver: ['netns'] }), {
    message: '--hosts and --driver go with --everything',
  });
  await t.rejects(refused({ dryRun: true }), { message: '--dry-run goes with --everything' });
  await t.rejects(refused({ to: [], driver: [] }), /no limevisor answers/);
});
