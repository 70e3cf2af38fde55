/**
 * What probes make of a link: from what came where, and what was lost.
 */
import t from 'tap';
import type { PhysicalEnd } from '../../slices/config/values.ts';
import type { DatapathName, Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  arrived,
  type EndState,
  forget,
  isSteady,
  type Link,
  linkOf,
  lost,
  slowLinks,
  stateOf,
  stateText,
} from '../../slices/network/link-states.ts';

function end(device: string, port: number): PhysicalEnd {
  return { device: device as DatapathName, port: port as Port };
}

const [A, B, X] = [end('s1', 3), end('s2', 4), end('s3', 5)];
const up = (): EndState => 'up';
const text = (link: Link, endOf: (at: PhysicalEnd) => EndState = up): string =>
  stateText(stateOf(link, endOf));

/** Both sizes came in both directions. */
function verified(): Link {
  const link = linkOf([A, B]);
  for (const heading of link.headings) {
    arrived(heading, 'small', heading.to, 1);
    arrived(heading, 'full', heading.to, 1);
  }
  return link;
}

t.test('up, when both sizes came in both directions, and not before', async (t) => {
  const link = linkOf([A, B]);
  const [there, back] = link.headings;
  t.equal(text(link), 'unverified');
  arrived(there, 'small', B, 2);
  arrived(back, 'small', A, 3);
  arrived(there, 'full', B, 2);
  t.equal(text(link), 'unverified', 'nothing full has come back');
  t.equal(isSteady(back), false);
  arrived(back, 'full', A, 3);
  t.strictSame(stateOf(link, up), { type: 'up', latencyMs: 3 }, 'the slower direction’s');
  t.ok(link.headings.every(isSteady));
});

t.test('miswired at the first probe that comes elsewhere, until one comes where it should', (t) => {
  const link = verified();
  arrived(link.headings[0], 'small', X, 1);
  t.equal(text(link), 'miswired: s1:3 leads to s3:5');
  arrived(link.headings[1], 'full', end('s4', 9), 1);
  t.equal(text(link), 'miswired: s1:3 leads to s3:5, s2:4 leads to s4:9');
  for (const heading of link.headings) arrived(heading, 'full', heading.to, 1);
  t.equal(text(link), 'unverified', 'what was known was of another cable');
  t.end();
});

t.test('silent, and too small, when some in a row are lost', async (t) => {
  const link = verified();
  const [there, back] = link.headings;
  for (let i = 1; i < limits.linkProbesLostMax; i += 1) lost(there, 'small');
  t.equal(text(link), 'up', 'one fewer');
  lost(there, 'small');
  t.equal(text(link), 'silent: nothing that is sent from s1:3 arrives');
  arrived(there, 'small', B, 1);
  t.equal(text(link), 'up');
  for (let i = 0; i < limits.linkProbesLostMax; i += 1) lost(back, 'full');
  t.equal(text(link), 'too small: full-size frames do not pass from s2:4');
  arrived(back, 'full', A, 1);
  t.equal(text(link), 'up');
});

t.test('full ones that were lost with small ones say nothing of their size', async (t) => {
  const link = verified();
  const [there] = link.headings;
  for (let i = 0; i < 5; i += 1) {
    lost(there, 'full');
    lost(there, 'small');
  }
  arrived(there, 'small', B, 1);
  t.equal(text(link), 'up');
});

t.test('slow: a link that takes much longer than most, over some time', async (t) => {
  const links = Array.from({ length: 5 }, () => verified());
  const take = (link: Link, ms: number): void => {
    for (const heading of link.headings) arrived(heading, 'small', heading.to, ms);
  };
  const last = links.at(-1) ?? verified();
  for (let i = 0; i < limits.linkLatenciesKept; i += 1) {
    for (const link of links) take(link, link === last ? limits.linkSlowMs + 10 : 1);
  }
  t.strictSame(slowLinks(links), [last]);
  take(last, 2);
  t.strictSame(slowLinks(links), [], 'the least of the last ones counts');
  t.strictSame(slowLinks([verified()]), []);
});

t.test('a port that is down, a datapath that is away', async (t) => {
  const link = verified();
  const only = (at: PhysicalEnd, state: EndState) => (one: PhysicalEnd) =>
    one === at ? state : 'up';
  t.equal(text(link, only(B, 'down')), 'down at s2:4');
  t.equal(text(link, only(A, 'away')), 'unverified: s1 is not connected');
  link.headings.forEach(forget);
  t.equal(text(link), 'unverified');
});
