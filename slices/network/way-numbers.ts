/**
 * Every way's label or VLAN tag (tags.ts), or which vports have none when there are too many.
 */
import { limits } from '../limits.ts';
import {
  allocateLabels,
  allocateTags,
  changeLabels,
  changeTags,
  type LabelTable,
  type TagTable,
} from './tags.ts';
import type { Carriage, Infeasible, Snapshot, Wire } from './values.ts';

type Numbers = Pick<Snapshot, 'tags' | 'labels'>;

export function numberWays(wires: readonly Wire[], before: Numbers): Numbers | Infeasible {
  const [tagged, labelled] = [over(wires, 'tag'), over(wires, 'label')];
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

/** After some wires have become others; undefined when there are too many. */
export function changeNumbers(
  before: Numbers,
  gone: readonly Wire[],
  made: readonly Wire[],
): Numbers | undefined {
  const change = (carriage: Carriage) => {
    const wanted = over(made, carriage).map(keyOf);
    const stays = new Set(wanted);
    const left = over(gone, carriage).map(keyOf);
    return { wanted, gone: left.filter((key) => !stays.has(key)) };
  };
  const tags = changeTags(before.tags, change('tag'));
  const labels = changeLabels(before.labels, change('label'));
  return tags && labels && { tags, labels };
}

function over(wires: readonly Wire[], carriage: Carriage): readonly Wire[] {
  return wires.filter((wire) => wire.ways.some((way) => way.carriage === carriage));
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
