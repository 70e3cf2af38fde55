/**
 * Logging in with a token: it is tried at the API before it is accepted.
 */
import { useState } from 'preact/hooks';
import { Client, textOfError } from './client.ts';
import { Logo } from './symbols.tsx';

interface LoginProps {
  readonly why: string;
  readonly enter: (token: string) => void;
}

export function Login({ why, enter }: LoginProps) {
  const [token, setToken] = useState('');
  const [trouble, setTrouble] = useState(why);
  const [isTrying, setTrying] = useState(false);
  const attempt = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTrying(true);
    try {
      await new Client(token.trim(), () => undefined).get('/self');
      enter(token.trim());
    } catch (error) {
      setTrouble(textOfError(error));
      setTrying(false);
    }
  };
  return (
    <main class="login">
      <form class="card" onSubmit={(event) => void attempt(event)}>
        <Logo size={44} />
        <h1>Limevisor</h1>
        <p class="dim">Two planes, and what moves between them.</p>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        {trouble !== '' && <p role="alert">{trouble}</p>}
        <button type="submit" class="primary" disabled={isTrying || token.trim() === ''}>
          {isTrying ? 'One moment' : 'Log in'}
        </button>
        <p class="hint">
          Where Limevisor runs, <code>limevisor token create NAME</code> prints one.
        </p>
      </form>
    </main>
  );
}
