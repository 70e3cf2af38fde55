/**
 * The actions that a user may take on a network, as buttons; those that end something ask first.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { textOfError } from './client.ts';
import type { ListedDocument, OwnDocument } from './documents.ts';
import { type Live, ownPath } from './live.ts';
import { type Action, actionsOf } from './networks.ts';

interface ActionsProps {
  readonly live: Live;
  readonly of: ListedDocument;
  readonly role: string;
  readonly document: OwnDocument | undefined;
  readonly changed: (name?: string) => void;
}

export function NetworkActions({ live, of, role, document, changed }: ActionsProps) {
  const { name } = of;
  const [asked, ask] = useState<Action>();
  const [isUnderWay, setUnderWay] = useState(false);
  const [why, setWhy] = useState('');
  const act = async ({ method, path, ...action }: Action, body = action.body): Promise<void> => {
    setUnderWay(true);
    setWhy('');
    try {
      await live.client.change(method, `${ownPath(name)}${path}`, body);
      ask(undefined);
      changed(action.name === 'delete' ? undefined : name);
    } catch (error) {
      setWhy(textOfError(error));
    }
    setUnderWay(false);
  };
  const press = (action: Action): void => {
    setWhy('');
    if (action.confirm === undefined) void act(action);
    else ask(action);
  };
  return (
    <div class="acts">
      {actionsOf(of, role).map((action) => (
        <button
          key={action.name}
          type="button"
          class={action.isDanger ? 'danger' : ''}
          title={`limevisor network ${action.name} ${name}`}
          disabled={isUnderWay}
          onClick={() => press(action)}
        >
          {action.title}
        </button>
      ))}
      {asked === undefined && why !== '' && <p role="alert">{why}</p>}
      {asked !== undefined && (
        <Confirm
          {...{ action: asked, name, why, isUnderWay, document }}
          done={(body) => void act(asked, body)}
          refuse={setWhy}
          close={() => ask(undefined)}
        />
      )}
    </div>
  );
}

interface ConfirmProps {
  readonly action: Action;
  readonly name: string;
  readonly why: string;
  readonly isUnderWay: boolean;
  readonly document: OwnDocument | undefined;
  readonly done: (body: object | undefined) => void;
  /** What was typed is nothing that can be asked for. */
  readonly refuse: (why: string) => void;
  readonly close: () => void;
}

function Confirm({ action, name, why, isUnderWay, document, ...to }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { title, confirm, field, body, isDanger } = action;
  const [text, setText] = useState(
    action.name === 'controllers' ? targetsOf(document) : (field?.value ?? ''),
  );
  const submit = (event: Event): void => {
    event.preventDefault();
    const asked = field === undefined ? body : field.body(text);
    if (typeof asked === 'string') to.refuse(asked);
    else to.done(asked);
  };
  return (
    <dialog ref={dialog} class="confirm card" onClose={to.close} aria-label={title}>
      <form onSubmit={submit}>
        <h2>
          {title} {name}
        </h2>
        <p>{confirm}</p>
        {field !== undefined && (
          <label>
            <span>{field.label}</span>
            <input value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </label>
        )}
        {why !== '' && <p role="alert">{why}</p>}
        <div class="acts">
          <button type="button" onClick={to.close}>
            Cancel
          </button>
          <button type="submit" class={isDanger ? 'danger' : 'primary'} disabled={isUnderWay}>
            {title}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Those that it has now. */
function targetsOf(document: OwnDocument | undefined): string {
  const all = (document?.vswitches ?? []).flatMap(({ controllers }) => controllers);
  return [...new Set(all.map(({ target }) => target))].join(', ');
}
