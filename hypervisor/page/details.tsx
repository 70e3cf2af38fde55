/**
 * The panel beside the planes: the selected object, or an overview of the whole network.
 */
import type { ComponentChildren } from 'preact';
import { NetworkDetails } from './details-network.tsx';
import { type DetailsProps, Gone, Links, Rows, rateText, splitAt } from './details-rows.tsx';
import { deviceOf, shortName, tenantOf } from './network.ts';
import { TenantMark } from './symbols.tsx';

export function Details(props: DetailsProps) {
  const { chosen, choose } = props;
  const [kind = '', name = ''] = splitAt(chosen ?? '');
  const Part = parts[kind];
  return (
    <aside class="details" aria-label="Details">
      {Part === undefined || chosen === undefined ? (
        <NetworkDetails {...props} />
      ) : (
        <>
          <button
            type="button"
            class="quiet close"
            title="Let go (Esc)"
            onClick={() => choose(undefined)}
          >
            ×
          </button>
          <Part {...props} name={name} />
        </>
      )}
    </aside>
  );
}

interface PartProps extends DetailsProps {
  readonly name: string;
}

const parts: Readonly<Record<string, (props: PartProps) => ComponentChildren>> = {
  datapath: DatapathDetails,
  vswitch: VswitchDetails,
  body: (props) => <VswitchDetails {...props} name={deviceOf(props.name.replace('@', ':'))} />,
  ...{ host: HostDetails, plug: HostDetails, access: HostDetails, cord: HostDetails },
  ...{ cable: CableDetails, tenant: TenantDetails },
};

function DatapathDetails({ network, name, choose }: PartProps) {
  const one = network.datapaths.find((datapath) => datapath.name === name);
  if (one === undefined) return <Gone what={name} />;
  const bodies = network.vswitches.filter(({ bodies: on }) => on.includes(name));
  const hosts = network.hosts.filter(({ at }) => at.some((end) => deviceOf(end) === name));
  const rows = [
    ['dpid', <code key="dpid">{one.dpid}</code>],
    [
      'state',
      <span key="state" class={one.isReady ? 'good' : 'bad'}>
        {one.says}
      </span>,
    ],
    ['encoding', one.encoding],
    ...(one.rate === undefined ? [] : [['passes', rateText(one.rate)] as const]),
    ...(one.isDrained ? [['drained', 'ways lead around it'] as const] : []),
    [
      'carries',
      <Links key="on" ids={bodies.map((vswitch) => `vswitch:${vswitch.name}`)} choose={choose} />,
    ],
    ['hosts', <Links key="hosts" ids={hosts.map((host) => `host:${host.name}`)} choose={choose} />],
  ] as const;
  return (
    <>
      <p class="kind">Datapath</p>
      <h2>{name}</h2>
      <Rows of={rows} />
    </>
  );
}

function VswitchDetails({ network, marks, name, choose }: PartProps) {
  const one = network.vswitches.find((vswitch) => vswitch.name === name);
  if (one === undefined) return <Gone what={name} />;
  const { dpid, bodies, rules, down, ports, controllers } = one;
  const on = <Links ids={bodies.map((body) => `datapath:${body}`)} choose={choose} />;
  const rows = [
    ['dpid', <code key="dpid">{dpid}</code>],
    [
      'state',
      <span key="state" class={down === '' ? 'good' : 'bad'}>
        {down === '' ? 'serves' : down}
      </span>,
    ],
    ...(bodies.length === 0 ? [] : [['on', on] as const]),
    [
      'rules',
      <a key="rules" href={`#/rules/${encodeURIComponent(name)}`}>
        {rules}
      </a>,
    ],
  ] as const;
  return (
    <>
      <p class="kind">
        <TenantMark mark={marks.get(tenantOf(name))} /> Vswitch of {tenantOf(name)}
      </p>
      <h2>{shortName(name)}</h2>
      <Rows of={rows} />
      <h3>Ports</h3>
      <ul class="ports">
        {ports
          .filter(({ port }) => port !== 'LOCAL')
          .map(({ port, leadsTo, isUp, name: own }) => (
            <li key={port} class={isUp ? '' : 'bad'} title={own}>
              <b>{port}</b> {leadsTo}
              {!isUp && <em>down</em>}
            </li>
          ))}
      </ul>
      <h3>Controllers</h3>
      <ul class="ports">
        {controllers.map(({ target, state, why }) => (
          <li key={target} class={state === 'up' ? '' : 'bad'}>
            <code>{target}</code>
            <em>{state}</em>
            {why !== '' && <small>{why}</small>}
          </li>
        ))}
      </ul>
    </>
  );
}

function HostDetails({ network, name, choose }: PartProps) {
  const one = network.hosts.find((host) => host.name === name);
  if (one === undefined) return <Gone what={name} />;
  const at = one.at.map((end) => `datapath:${deviceOf(end)}`);
  return (
    <>
      <p class="kind">Host of {one.tenant}</p>
      <h2>{shortName(name)}</h2>
      <Rows
        of={[
          [
            'state',
            <span key="state" class={one.isUp ? 'good' : 'bad'}>
              {one.says}
            </span>,
          ],
          ['port', <Links key="port" ids={[`vswitch:${deviceOf(one.port)}`]} choose={choose} />],
          ...(at.length === 0
            ? []
            : [['plugged into', <Links key="at" ids={at} choose={choose} />] as const]),
        ]}
      />
    </>
  );
}

function CableDetails({ network, name, choose }: PartProps) {
  const one = network.cables.find(({ id }) => id === name);
  if (one === undefined) return <Gone what={name} />;
  const over = network.ways.filter(({ cables }) => cables.includes(name));
  const vswitches = [...new Set(over.map(({ vswitch }) => `vswitch:${vswitch}`))];
  return (
    <>
      <p class="kind">Link</p>
      <h2>{name}</h2>
      <Rows
        of={[
          [
            'state',
            <span key="state" class={one.isUp ? 'good' : 'bad'}>
              {one.says}
            </span>,
          ],
          [
            'ends',
            <Links
              key="ends"
              ids={one.ends.map((end) => `datapath:${deviceOf(end)}`)}
              choose={choose}
            />,
          ],
          ...(one.rate === undefined ? [] : [['passes', rateText(one.rate)] as const]),
          ...(one.load === undefined ? [] : [['load', `${Math.round(one.load * 100)} %`] as const]),
          ['ways of', <Links key="ways" ids={vswitches} choose={choose} />],
        ]}
      />
    </>
  );
}

function TenantDetails({ network, marks, name, choose }: PartProps) {
  const own = network.vswitches.filter(({ tenant }) => tenant === name);
  const hosts = network.hosts.filter(({ tenant }) => tenant === name);
  const rows = [
    ['vswitches', <Links key="v" ids={own.map((one) => `vswitch:${one.name}`)} choose={choose} />],
    ['hosts', <Links key="h" ids={hosts.map((one) => `host:${one.name}`)} choose={choose} />],
    ['rules', own.reduce((sum, { rules }) => sum + rules, 0).toLocaleString('en')],
  ] as const;
  return (
    <>
      <p class="kind">
        <TenantMark mark={marks.get(name)} /> Tenant
      </p>
      <h2>{name}</h2>
      <Rows of={rows} />
    </>
  );
}
