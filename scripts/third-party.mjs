// Writes THIRD_PARTY.md: the third-party packages that our packages install or can use, with their licences.
//
//   node scripts/third-party.mjs
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './packed-layout.mjs';

const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'));
const filter = ['--filter', './packages/*'];
const list = run('npx', ['--yes', packageManager, ...filter, 'licenses', 'list', '--prod', '--json'], {
  maxBuffer: 1e8,
});
const packages = Object.entries(JSON.parse(list)).flatMap(([licence, found]) =>
  found.map(({ name, versions }) => ({ name, versions, licence })),
);
const listed = new Set(packages.map(({ name }) => name));

/** Packages that a reader may install beside ours. They are in the workspace for the tests. */
const optional = readdirSync('packages').flatMap((folder) => {
  const { peerDependenciesMeta = {} } = JSON.parse(readFileSync(join('packages', folder, 'package.json'), 'utf8'));
  return Object.keys(peerDependenciesMeta).map((name) => {
    const manifest = join('packages', folder, 'node_modules', name, 'package.json');
    const { version, license } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
    if (!license) throw new Error(`${manifest} names no licence: add ${name} to the devDependencies of ${folder}`);
    return { name, versions: [version], licence: license };
  });
});

const rows = [...packages, ...optional.filter(({ name }) => !listed.has(name))]
  .filter(({ name }) => !name.startsWith('@ltml/'))
  .sort((a, b) => (a.name < b.name ? -1 : 1))
  .map(({ name, versions, licence }) => `| ${name} | ${versions.join(', ')} | ${licence} |`);
writeFileSync(
  'THIRD_PARTY.md',
  `# Third-party packages

Packages of other projects that ours install or can use, with the licence that each of them names. Our packages contain
none of their code: your package manager downloads it, together with the licence text. [NOTICE](NOTICE) lists what our
packages contain of other projects.

Written by \`node scripts/third-party.mjs\`. The binaries of \`sharp\` are those of the machine that wrote the list. They
contain libvips (LGPL-3.0-or-later), which is linked dynamically. The licence file of \`h5wasm\` has the notice of
NIST, which allows use and copies with this notice, and the BSD-style licence of HDF5.

| package | version | licence |
|---|---|---|
${rows.join('\n')}
`,
);
console.log(`THIRD_PARTY.md: ${rows.length} packages`);
