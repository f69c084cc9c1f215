// Writes THIRD_PARTY.md: what our packages need of others, with licences.
//
//   node scripts/third-party.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { run } from './packed-layout.mjs';

const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'));
const filter = ['--filter', './packages/*'];
const list = run('npx', ['--yes', packageManager, ...filter, 'licenses', 'list', '--prod', '--json'], {
  maxBuffer: 1e8,
});
const packages = Object.entries(JSON.parse(list)).flatMap(([licence, found]) =>
  found.map(({ name, versions }) => ({ name, versions, licence })),
);
const rows = packages
  .filter(({ name }) => !name.startsWith('@ltml/'))
  .sort((a, b) => (a.name < b.name ? -1 : 1))
  .map(({ name, versions, licence }) => `| ${name} | ${versions.join(', ')} | ${licence} |`);
writeFileSync(
  'THIRD_PARTY.md',
  `# Third-party packages

What the packages of this project need of others when they are installed, with the licence that each names. None of their
code is in our packages: your package manager fetches it, with the text of its licence. What our packages themselves contain of
others is in [NOTICE](NOTICE).

Written by \`node scripts/third-party.mjs\`. Binaries of \`sharp\` are those of the machine that wrote this list; they contain libvips
(LGPL-3.0-or-later), which is linked dynamically.

| package | version | licence |
|---|---|---|
${rows.join('\n')}
`,
);
console.log(`THIRD_PARTY.md: ${rows.length} packages`);
