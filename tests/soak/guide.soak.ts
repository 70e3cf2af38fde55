/**
 * The commands of docs/GUIDE.md that move things, typed one after the other as they stand there: on
 * the network of tests/live/guide-chapters.test.ts, which types all that is over at once.
 */
import t from 'tap';
import { type Chapters, guideLab, type } from '../live/guide-lab.ts';

const chapters: Chapters = {
  'Moving a vswitch': [
    ['limevisor migrate red/v1 --to s5 --strategy partial', /has a body on s5 now, with a part/],
    ['limevisor move red/h1 --to s5:1', /red\/h1/, 0, 'limevisor moved red/h1'],
    ['limevisor migrate red/v1 --from s1', /s5/],
    ['limevisor migrate red/v1 red/v3 --to s5', /s5/],
    ['limevisor migrate red --to zone-b', /./],
    ['limevisor migrate red --to red/v1=s5 --to zone-b', /./],
    ['limevisor migrate red/v1 red/v2', /./],
    ['limevisor migrate red/v1 red/h2 --to s5 --driver netns', /./],
  ],
  'Taking a switch down': [
    ['limevisor drain s3 --everything', /./],
    ['limevisor undrain s3 --everything', /./],
    ['limevisor vacate zone-a', /./],
    ['limevisor return zone-a', /./],
  ],
  'Before a switch fails': [
    ['limevisor evacuate s3 --within 30s', /./],
    ['limevisor evacuations', /s3/],
  ],
};

t.test('each of them, in this order', async (t) => {
  const lab = await guideLab(t);
  for (const [chapter, all] of Object.entries(chapters)) {
    for (const one of all) await type(t, lab, chapter, one);
  }
});
