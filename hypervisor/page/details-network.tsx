/**
 * An overview of the whole network, when nothing is selected: its size, its tenants, its problems.
 */
import type { DetailsProps } from './details-rows.tsx';
import { type Network, tenantsOf } from './network.ts';
import { TenantMark } from './symbols.tsx';

const TROUBLES_SHOWN = 30;

export function NetworkDetails(props: DetailsProps) {
  const { network, choose } = props;
  const troubles = troublesIn(network);
  return (
    <>
      <h2>Network</h2>
      <Numbers network={network} />
      <h2>Tenants</h2>
      <Tenants {...props} />
      {troubles.length > 0 && <h2>To see to</h2>}
      <ul class="troubles">
        {troubles.slice(0, TROUBLES_SHOWN).map(([id, name, says]) => (
          <li key={id}>
            <button type="button" onClick={() => choose(id)}>
              <b>{name}</b>
              <span>{says.replace(`${name}: `, '')}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** How many there are of each kind, and how many of them are well. */
function Numbers({ network }: { readonly network: Network }) {
  const { datapaths, cables, vswitches, hosts } = network;
  const rows = [
    ['Datapaths', datapaths.map(({ isReady }) => isReady)],
    ['Links', cables.map(({ isUp }) => isUp)],
    ['Vswitches', vswitches.map(({ down }) => down === '')],
    ['Hosts', hosts.map(({ isUp }) => isUp)],
  ] as const;
  return (
    <dl class="numbers">
      {rows
        .filter(([, all]) => all.length > 0)
        .map(([title, all]) => (
          <div key={title} class={all.every(Boolean) ? '' : 'bad'}>
            <dt>{title}</dt>
            <dd>
              {all.filter(Boolean).length}
              <small> / {all.length}</small>
            </dd>
          </div>
        ))}
    </dl>
  );
}

type Trouble = readonly [id: string, name: string, says: string];

function troublesIn({ datapaths, cables, vswitches, hosts }: Network): readonly Trouble[] {
  return [
    ...datapaths.flatMap(({ name, says, isReady }): Trouble[] => {
      return isReady ? [] : [[`datapath:${name}`, name, says]];
    }),
    ...cables.flatMap(({ id, says, isUp }): Trouble[] => (isUp ? [] : [[`cable:${id}`, id, says]])),
    ...vswitches.flatMap(({ name, down }): Trouble[] => {
      return down === '' ? [] : [[`vswitch:${name}`, name, down]];
    }),
    ...hosts.flatMap(({ name, says, isUp }): Trouble[] => {
      return isUp ? [] : [[`host:${name}`, name, says]];
    }),
  ];
}

function Tenants({ network, marks, point, choose }: DetailsProps) {
  const { vswitches } = network;
  return (
    <ul class="tenants">
      {tenantsOf(network).map((tenant) => {
        const own = vswitches.filter((one) => one.tenant === tenant);
        return (
          <li key={tenant}>
            <button
              type="button"
              onPointerEnter={() => point(`tenant:${tenant}`)}
              onPointerLeave={() => point(undefined)}
              onFocus={() => point(`tenant:${tenant}`)}
              onBlur={() => point(undefined)}
              onClick={() => choose(`tenant:${tenant}`)}
            >
              <TenantMark mark={marks.get(tenant)} />
              {tenant}
              <span class="dim">{own.length}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
