/**
 * Certificate authorities and certificates for tests, made by openssl(1) in a folder of their own.
 */

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { TlsFiles } from '../../slices/config/tls.ts';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export class Authority {
  readonly ca: string;
  readonly #dir: string;
  readonly #name: string;

  constructor(dir: string, name: string) {
    this.#dir = dir;
    this.#name = name;
    this.ca = this.#at('pem');
    const subject = ['-subj', `/CN=${name}`, '-days', '2'];
    openssl('req', '-x509', ...NEW_KEY, ...subject, '-keyout', this.#at('key'), '-out', this.ca);
  }

  /** A key and a certificate of this authority; the other ends' are `trusted`'s. */
  issue(name: string, trusted: Authority = this, days = 2): TlsFiles {
    const at = (end: string): string => path.join(this.#dir, `${this.#name}-${name}.${end}`);
    const request = ['req', '-new', ...NEW_KEY, '-subj', `/CN=${name}`];
    openssl(...request, '-keyout', at('key'), '-out', at('csr'));
    const signer = ['-CA', this.ca, '-CAkey', this.#at('key'), '-CAcreateserial'];
    openssl('x509', '-req', '-in', at('csr'), ...signer, '-days', String(days), '-out', at('pem'));
    return { key: at('key'), certificate: at('pem'), ca: trusted.ca };
  }

  #at(end: string): string {
    return path.join(this.#dir, `${this.#name}.${end}`);
  }
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}
