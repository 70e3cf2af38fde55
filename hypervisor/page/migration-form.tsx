/**
 * The form that begins a migration: it shows the plan before anything is done.
 */
import { useState } from 'preact/hooks';
import { textOfError } from './client.ts';
import { goTo } from './hooks.ts';
import type { Live } from './live.ts';
import { type Network, tenantsOf } from './network.ts';

interface FormProps {
  readonly live: Live;
  readonly network: Network;
}

/** Of an operation's answer, as far as it is read here. */
interface Answered {
  readonly result?: { readonly plan?: { readonly steps?: readonly string[] } };
}

/** Limevisor looks for it. */
const BEST = '*';

export function MigrationForm({ live, network }: FormProps) {
  const [vswitch, setVswitch] = useState('');
  const [to, setTo] = useState('');
  const [plan, setPlan] = useState<readonly string[]>([]);
  const [why, setWhy] = useState('');
  const ask = async (dryRun: boolean): Promise<void> => {
    setWhy('');
    setPlan([]);
    try {
      if (!dryRun) {
        await live.compareFromNow(vswitch);
        goTo('migrations');
      }
      const answer = await live.client.post<Answered>('/migrations', {
        ...{ vswitch, dryRun },
        ...(to !== BEST && { to }),
      });
      if (dryRun) setPlan(answer.result?.plan?.steps ?? []);
      else await live.refresh();
    } catch (error) {
      setWhy(textOfError(error));
    }
  };
  const { names, targets } = choicesOf(network, vswitch);
  const target = targets.some(([name]) => name === to) ? to : '';
  const isReady = vswitch !== '' && target !== '';
  return (
    <form
      class="begin"
      onSubmit={(event) => {
        event.preventDefault();
        void ask(false);
      }}
    >
      <div>
        <Choice label="Move" names={names} value={vswitch} set={setVswitch} />
        <Choice label="to" names={targets} value={target} set={setTo} />
      </div>
      <div>
        <button type="button" disabled={!isReady} onClick={() => void ask(true)}>
          Plan
        </button>
        <button type="submit" class="primary" disabled={!isReady}>
          Migrate
        </button>
      </div>
      {why !== '' && <p role="alert">{why}</p>}
      {plan.length > 0 && <pre class="plan">{plan.join('\n')}</pre>}
    </form>
  );
}

type Named = readonly (readonly [value: string, shown: string])[];

/** What may move, and where to: not where it is. */
function choicesOf(network: Network, vswitch: string): { names: Named; targets: Named } {
  const { vswitches, datapaths } = network;
  const here = vswitches.find(({ name }) => name === vswitch)?.bodies ?? [];
  const others = datapaths.filter(({ name }) => !here.includes(name));
  return {
    names: [
      ...tenantsOf(network).map((name) => [name, `all of ${name}`] as const),
      ...vswitches.map(({ name }) => [name, name] as const),
    ],
    targets: [[BEST, 'the best place'], ...others.map(({ name }) => [name, name] as const)],
  };
}

interface ChoiceProps {
  readonly label: string;
  readonly names: Named;
  readonly value: string;
  readonly set: (value: string) => void;
}

function Choice({ label, names, value, set }: ChoiceProps) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">…</option>
        {names.map(([name, shown]) => (
          <option key={name} value={name}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
}
