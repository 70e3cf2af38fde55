/**
 * `make playground`: the page is where it says, and only the token that it prints opens it.
 */
import t from 'tap';
import { startPlayground } from '../../examples/playground/playground.ts';

t.test('the page and the API, from outside of the laboratory', async (t) => {
  const { url, token, stop } = await startPlayground(0);
  t.teardown(stop);
  const ask = async (path: string, sent = '') => {
    return await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${sent}` } });
  };
  const page = await ask('');
  t.equal(page.status, 200);
  t.match(await page.text(), /<title>Limevisor/);
  t.equal((await ask('api/v1/topology')).status, 401, 'not without a token');
  const answer = await ask('api/v1/topology', token);
  t.equal(answer.status, 200);
  t.match(await answer.text(), '"red/v3"');
  const schedules = await ask('api/v1/schedules', token);
  t.match(await schedules.text(), '"blue-moves"');
});
