/**
 * The page begins here, in a browser. Limevisor serves it at `/`; it requests all that it shows
 * from the API, and nothing from anybody else.
 */
import { render } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Client, keepToken, keptToken } from './client.ts';
import { Live } from './live.ts';
import { Login } from './login.tsx';
import { Shell } from './shell.tsx';
import { applyTheme } from './theme.ts';

function Page() {
  const [token, setToken] = useState(keptToken);
  const [why, setWhy] = useState('');
  const leave = (because: string): void => {
    keepToken(undefined);
    setToken(undefined);
    setWhy(because);
  };
  const live = useMemo(() => {
    if (token === undefined) return undefined;
    return new Live(new Client(token, () => leave('This token is good no more.')));
  }, [token]);
  if (live === undefined) {
    const enter = (given: string): void => {
      keepToken(given);
      setWhy('');
      setToken(given);
    };
    return <Login why={why} enter={enter} />;
  }
  return <Shell live={live} leave={() => leave('')} />;
}

applyTheme();
const root = document.getElementById('page');
if (root !== null) render(<Page />, root);
