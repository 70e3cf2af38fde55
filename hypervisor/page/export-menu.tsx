/**
 * The menu that saves the view as a file: a drawing, a graph in one of two languages, or the API's
 * document.
 */
import { dotOf, mermaidOf, svgOf } from './exports.ts';
import type { Network } from './network.ts';
import type { Scene } from './scene.ts';
import { Icon } from './symbols.tsx';

interface ExportProps {
  readonly network: Network;
  readonly scene: Scene;
  /** As the API gave it. */
  readonly document: object | undefined;
}

export function ExportMenu({ network, scene, document: own }: ExportProps) {
  const files = [
    ['SVG', 'network.svg', 'image/svg+xml', () => svgOf(network, scene)],
    ['Mermaid', 'network.mmd', 'text/plain', () => mermaidOf(network)],
    ['dot', 'network.dot', 'text/vnd.graphviz', () => dotOf(network)],
    ['JSON', 'network.json', 'application/json', () => JSON.stringify(own, null, 2)],
  ] as const;
  return (
    <details class="menu">
      <summary>
        <Icon name="down" /> Export
      </summary>
      <div class="card">
        {files.map(([title, name, type, make]) => (
          <button key={name} type="button" onClick={() => save(name, type, make())}>
            {title}
          </button>
        ))}
      </div>
    </details>
  );
}

function save(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}
