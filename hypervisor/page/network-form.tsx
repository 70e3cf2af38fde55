/**
 * The form that makes a network from a template, and the command that does the same.
 */
import { useState } from 'preact/hooks';
import { textOfError } from './client.ts';
import type { QuotaDocument } from './documents.ts';
import type { Live } from './live.ts';
import { commandOf, shapes, type Wanted, wordsIn } from './networks.ts';

interface FormProps {
  readonly live: Live;
  /** Undefined until it is known. */
  readonly quota: QuotaDocument | undefined;
  readonly made: (name: string) => void;
  /** Until it is answered, and may be corrected, it is kept whatever is listed meanwhile. */
  readonly asks: (isUnderWay: boolean) => void;
  /** Whether there is none yet. */
  readonly isFirst: boolean;
}

interface Made {
  readonly name: string;
}

export function NetworkForm({ live, quota, made, asks, isFirst }: FormProps) {
  const [wanted, setWanted] = useState<Wanted>({
    ...{ name: 'lab', shape: 'big-switch', hosts: [], controllers: [] },
  });
  const [says, setSays] = useState('');
  const [why, setWhy] = useState('');
  const [isUnderWay, setUnderWay] = useState(false);
  const set = (some: Partial<Wanted>): void => setWanted((was) => ({ ...was, ...some }));
  const ask = async (dryRun: boolean): Promise<void> => {
    const { name, ...template } = wanted;
    setUnderWay(true);
    asks(true);
    setWhy('');
    setSays('');
    try {
      const { name: full } = await live.client.post<Made>('/networks', { name, template, dryRun });
      if (dryRun) setSays('Nothing prevents it.');
      else made(full);
    } catch (error) {
      setWhy(textOfError(error));
    }
    setUnderWay(false);
    asks(false);
  };
  const isReady = wanted.name !== '' && wanted.hosts.length > 0 && wanted.controllers.length > 0;
  return (
    <form
      class="make"
      onSubmit={(event) => {
        event.preventDefault();
        void ask(false);
      }}
    >
      <h1>A new network</h1>
      {isFirst && <p>You have no network yet: make one here, or by the command line.</p>}
      {quota?.needsApproval === true && <p>An operator approves of each before it is made.</p>}
      <Shape wanted={wanted} set={set} />
      <Offers quota={quota} wanted={wanted} set={set} />
      <div class="acts">
        <button type="button" disabled={!isReady || isUnderWay} onClick={() => void ask(true)}>
          Check
        </button>
        <button type="submit" class="primary" disabled={!isReady || isUnderWay}>
          Make
        </button>
      </div>
      {says !== '' && <p role="status">{says}</p>}
      {why !== '' && <p role="alert">{why}</p>}
      <h3>The same, typed</h3>
      <pre class="plan">{`limevisor login ${location.origin}\n${commandOf(wanted)}`}</pre>
    </form>
  );
}

interface PartProps {
  readonly wanted: Wanted;
  readonly set: (some: Partial<Wanted>) => void;
}

function Shape({ wanted, set }: PartProps) {
  return (
    <>
      <label>
        <span>Name</span>
        <input
          name="name"
          value={wanted.name}
          onInput={(event) => set({ name: event.currentTarget.value.trim() })}
        />
      </label>
      <label>
        <span>Shape</span>
        <select
          name="shape"
          value={wanted.shape}
          onChange={(event) => set({ shape: event.currentTarget.value })}
        >
          {shapes.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label>
        <span>Controllers, tcp:ADDRESS:PORT each</span>
        <input
          name="controllers"
          placeholder="tcp:192.0.2.7:6653"
          onInput={(event) => set({ controllers: wordsIn(event.currentTarget.value) })}
        />
      </label>
    </>
  );
}

/** Hosts in the order in which they are chosen, which is that of the shape. */
function Offers({ quota, wanted: { hosts }, set }: PartProps & Pick<FormProps, 'quota'>) {
  const free = (quota?.offers ?? []).filter(({ isFree }) => isFree);
  return (
    <fieldset>
      <legend>Hosts, in the order of the shape</legend>
      {quota !== undefined && free.length === 0 && <p>No offer is free now.</p>}
      {free.map(({ name }) => {
        const others = hosts.filter((one) => one !== name);
        return (
          <label key={name}>
            <input
              type="checkbox"
              value={name}
              checked={hosts.includes(name)}
              onChange={(event) => {
                set({ hosts: event.currentTarget.checked ? [...others, name] : others });
              }}
            />{' '}
            {name}
          </label>
        );
      })}
    </fieldset>
  );
}
