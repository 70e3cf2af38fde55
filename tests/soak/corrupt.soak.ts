/** Each byte of the goldens as each of 256; tests/openflow/corrupt.test.ts is the short form. */
import t from 'tap';
import { corruptGoldens } from '../openflow/corrupt.ts';

const all = Array.from({ length: 256 }, (_, byte) => byte);
corruptGoldens(t, () => all);
