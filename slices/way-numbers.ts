/**
 * Every way's label or VLAN tag (tags.ts), or which vports have none when there are too many.
 */
import { limits } from './limits.ts';
import type { Infeasible, Snapshot } from './snapshot.ts';
import { allocateLabels, allocateTags, type LabelTable, type TagTable } from './tags.ts';
import type { Carriage, Wire } from './wires.ts';

type Numbers = Pick<Snapshot, 'tags' | 'labels'>;

export function numberWays(wires: readonly Wire[], before: Numbers): Numbers | Infeasible {
  const over = (carriage: Carriage): readonly Wire[] =>
    wires.filter((wire) => wire.ways.some((way) => way.carriage === carriage));
  const [tagged, labelled] = [over('tag'), over('label')];
  const tags = allocateTags(before.tags, tagged.map(keyOf));
  if (tags === undefined) {
    const why = `${tagged.length} ways over flat datapaths are needed, and VLAN ids allow`;
    return tooMany(tagged, before.tags, limits.tagMax, why);
  }
  const labels = allocateLabels(before.labels, labelled.map(keyOf));
  if (labels === undefined) {
    const why = `${labelled.length} ways are needed, and labels allow`;
    return tooMany(labelled, before.labels, limits.labelMax, why);
  }
  return { tags, labels };
}

function keyOf({ key }: Wire): string {
  return key;
}

/** Those that have a number keep it; of the others, the last have none. */
function tooMany(
  wires: readonly Wire[],
  { byKey }: Pick<TagTable | LabelTable, 'byKey'>,
  max: number,
  needed: string,
): Infeasible {
  const why = `${needed} ${max}`;
  const isNew = ({ key }: Wire): boolean => !byKey.has(key);
  const byAge = [...wires.filter((one) => !isNew(one)), ...wires.filter(isNew)];
  return { why, lacking: byAge.slice(max).map(({ of }) => ({ vport: of, why })) };
}
