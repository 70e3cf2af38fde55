/**
 * A difference for people: `+` is added, `~` changed, `-` removed, the operator's objects first,
 * then each tenant's; the changes that each tenant will see; and a line of counts.
 */
import type { Fields, Tree } from '../config/config-fields.ts';
import type { Change, Difference, FieldChange } from '../config/difference.ts';
import { plural } from '../plural.ts';
import type { Seen, Sight, SightType } from './seen.ts';

const signs: Readonly<Record<Change['type'], string>> = { added: '+', changed: '~', removed: '-' };

/** Without a line break at its end. */
export function differenceText(difference: Difference, seen: Seen): string {
  if (difference.length === 0) return 'no difference';
  const byTenant = Map.groupBy(difference, ({ tenant }) => tenant ?? '');
  const tenants = [...byTenant.keys()].filter((tenant) => tenant !== '').sort();
  const lines = [
    ...(byTenant.get('') ?? []).flatMap((one) => changeLines(one, '')),
    ...tenants.flatMap((tenant) => [
      `tenant ${tenant}`,
      ...(byTenant.get(tenant) ?? []).flatMap((one) => changeLines(one, '  ')),
    ]),
    '',
    ...seenLines(seen),
    '',
    summary(difference, seen),
  ];
  return lines.join('\n');
}

/** `2 to add, 1 to change, 0 to remove; 1 of 3 tenants sees something`. */
export function summary(difference: Difference, seen: Seen): string {
  const count = (type: Change['type']) => difference.filter((one) => one.type === type).length;
  const who = [...seen.values()].filter((sights) => sights.length > 0).length;
  const counts = `${count('added')} to add, ${count('changed')} to change, ${count('removed')}`;
  const sees = who === 1 ? 'sees' : 'see';
  return `${counts} to remove; ${who} of ${plural(seen.size, 'tenant')} ${sees} something`;
}

function changeLines(change: Change, indent: string): readonly string[] {
  const { kind, name, tenant, type } = change;
  // Under the tenant's own line.
  const bare = tenant === undefined || kind === 'tenant' ? name : name.replace(`${tenant}/`, '');
  const isWhole =
    kind === 'tenant' || ((kind === 'tls' || kind === 'limits') && tenant !== undefined);
  const head = `${indent}${signs[type]} ${kind}${isWhole ? '' : ` ${bare}`}`;
  if (type === 'changed') {
    const texts = change.fields.map(fieldText);
    const line =
      texts.length === 1 ? [`${head}: ${texts[0]}`] : [head, ...texts.map(under(indent))];
    return [...line, ...notes(change).map(under(indent))];
  }
  const fields = type === 'added' ? fieldsText(change.fields) : '';
  return [`${head}${fields}`, ...notes(change).map(under(indent))];
}

const under =
  (indent: string) =>
  (text: string): string =>
    `${indent}    ${text}`;

/** What a person may not expect. */
function notes(change: Change): readonly string[] {
  const { kind, name } = change;
  if (change.type === 'added' && change.renamed !== undefined) {
    return [`it looks like ${change.renamed}, but a name is what tells things apart`];
  }
  if (change.type !== 'changed' || kind !== 'vswitch') return [];
  const on = change.fields.find(({ field }) => field === 'on');
  if (on?.from === undefined || on.to === undefined) return [];
  const move = `"limevisor migrate ${name} --to ${treeText(on.to)}" moves it`;
  return [`it stays on ${treeText(on.from)} as long as that is there; ${move}`];
}

function fieldText({ field, from, to }: FieldChange): string {
  if (from === undefined) return `${field}: ${treeText(to ?? '')} (new)`;
  return `${field}: ${treeText(from)} -> ${to === undefined ? 'nothing' : treeText(to)}`;
}

function fieldsText(fields: Fields): string {
  const texts = Object.entries(fields)
    .filter(([, tree]) => typeof tree === 'string' || Object.keys(tree).length > 0)
    .map(([key, tree]) => `${key} ${treeText(tree)}`);
  return texts.length === 0 ? '' : `: ${texts.join(', ')}`;
}

/** As the file has it on one line. */
export function treeText(tree: Tree): string {
  if (typeof tree === 'string') return tree;
  if (Array.isArray(tree)) return `[${tree.map(treeText).join(', ')}]`;
  const entries = Object.entries(tree).map(([key, value]) => `${key}: ${treeText(value as Tree)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function seenLines(seen: Seen): readonly string[] {
  const lines = [...seen].flatMap(([tenant, sights]) => {
    const [first, ...others] = sights.map(sightText);
    const margin = ' '.repeat(tenant.length + 4);
    return first === undefined
      ? []
      : [`  ${tenant}: ${first}`, ...others.map((one) => `${margin}${one}`)];
  });
  const nobody = [...seen].filter(([, sights]) => sights.length === 0).map(([tenant]) => tenant);
  const nothing = nobody.length === 0 ? [] : [`  nothing: ${namesText(nobody)}`];
  return ['what tenants will see', ...lines, ...nothing];
}

/** Of a thousand tenants the first are named. */
function namesText(names: readonly string[]): string {
  const SHOWN = 10;
  const more = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

const sightTexts: Readonly<Record<SightType, string>> = {
  portAdd: 'port-status ADD',
  portDelete: 'port-status DELETE',
  portModify: 'port-status MODIFY',
  disconnected: 'is disconnected',
  dialled: 'is dialled',
  interrupted: 'packets are interrupted',
  rerouted: 'packets go another way, and none is lost',
  queues: 'queues change',
  limits: 'limits change',
};

function sightText({ vswitch, what, type, why }: Sight): string {
  const whose = [bare(vswitch), what].filter((one) => one !== '').join(' ');
  return `${whose === '' ? '' : `${whose}: `}${sightTexts[type]} (${why})`;
}

function bare(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
