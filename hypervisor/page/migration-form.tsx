/**
 * Beginning a migration: what would be done, before it is done.
 */
import { useState } from 'preact/hooks';
import { textOfError } from './client.ts';
import { goTo } from './hooks.ts';
import type { Live } from './live.ts';
import type { Network } from './network.ts';

interface FormProps {
  readonly live: Live;
  readonly network: Network;
}

/** Of an operation's answer, as far as it is read here. */
interface Answered {
  readonly result?: { readonly plan?: { readonly steps?: readonly string[] } };
}

export function MigrationForm({ live, network: { vswitches, datapaths } }: FormProps) {
  const [vswitch, setVswitch] = useState('');
  const [to, setTo] = useState('');
  const [plan, setPlan] = useState<readonly string[]>([]);
  const [why, setWhy] = useState('');
  const here = vswitches.find(({ name }) => name === vswitch)?.bodies ?? [];
  const ask = async (dryRun: boolean): Promise<void> => {
    setWhy('');
    setPlan([]);
    try {
      const answer = await live.client.post<Answered>('/migrations', { vswitch, to, dryRun });
      if (dryRun) setPlan(answer.result?.plan?.steps ?? []);
      else {
        goTo('migrations');
        await live.refresh();
      }
    } catch (error) {
      setWhy(textOfError(error));
    }
  };
  const names = vswitches.map(({ name }) => name);
  const targets = datapaths.map(({ name }) => name).filter((name) => !here.includes(name));
  const isReady = vswitch !== '' && targets.includes(to);
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
        <Choice label="to" names={targets} value={targets.includes(to) ? to : ''} set={setTo} />
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

interface ChoiceProps {
  readonly label: string;
  readonly names: readonly string[];
  readonly value: string;
  readonly set: (value: string) => void;
}

function Choice({ label, names, value, set }: ChoiceProps) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">…</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
