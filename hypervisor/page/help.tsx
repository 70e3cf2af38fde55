/**
 * The list of all keys.
 */
import { useEffect, useRef } from 'preact/hooks';

const keys = [
  ['1, 2 ...', 'the views, from left to right'],
  ['/', 'search'],
  ['Tab', 'the next switch, host or body; what belongs to it lights up'],
  ['Enter', 'keep it lit, with all that is known of it'],
  ['Esc', 'let go'],
  ['+  -  0', 'nearer, farther, all of it'],
  ['l', 'load on links'],
  ['h', 'hosts'],
  ['n', 'a new network (Networks, with a quota)'],
  ['t', 'dark or light'],
  ['?', 'this'],
] as const;

export function Help({ close }: { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help card" onClose={close} aria-label="Keys">
      <h2>Keys</h2>
      <dl>
        {keys.map(([key, says]) => (
          <>
            <dt key={key}>
              <kbd>{key}</kbd>
            </dt>
            <dd>{says}</dd>
          </>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
