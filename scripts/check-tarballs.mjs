// Tries every package as a new user would. It installs the tarball into an empty project with the README's install line
// only, runs the README's examples as JavaScript, compiles them with strict TypeScript, and checks the installed size
// against install-budgets.json. Then it follows all pages of docs/start. It takes half an hour. Run it before a release,
// after `npm run build`, on each supported Node.
//
//   node scripts/check-tarballs.mjs [PACKAGE…]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { checkPages } from './check-pages.mjs';
import { PackedLayout, pack, run } from './packed-layout.mjs';

/**
 * Examples that need files of the reader or an MPI. They are compiled but not run, as in examples/test/readmes.test.ts.
 */
const needFiles = ['backbone-2', 'backbone-3', 'mpi-1'];

/** Budgets in MB on disk after the README's install line, including third-party packages. */
const budgets = JSON.parse(readFileSync('scripts/install-budgets.json', 'utf8'));

const chosen = process.argv.slice(2);
const packages = readdirSync('packages').filter((name) => chosen.length === 0 || chosen.includes(name));
const folder = mkdtempSync(join(tmpdir(), 'ltml-tarballs-'));
const tarballs = new Map();
const faults = [];

/** The tarball of a package. Our packages are not published yet, so tarballs replace the registry. */
function tarballOf(name) {
  if (!tarballs.has(name)) tarballs.set(name, `file:${pack(name, folder)}`);
  return tarballs.get(name);
}

function tried(what, command, args, options) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0) faults.push(`${what}: exit code ${status}\n${(stdout + stderr).slice(-2000)}`);
  return status === 0;
}

/** All our packages that a package depends on, directly or indirectly. */
function needs(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const { dependencies = {} } = JSON.parse(readFileSync(join('packages', name.slice(6), 'package.json'), 'utf8'));
  for (const needed of Object.keys(dependencies)) if (needed.startsWith('@ltml/')) needs(needed, found);
  return found;
}

function tryPackage(pkg) {
  const readme = readFileSync(join('packages', pkg, 'README.md'), 'utf8');
  const [, line] = /^npm install (.*)$/m.exec(readme) ?? [];
  if (!line) {
    faults.push(`packages/${pkg}/README.md has no install line`);
    return;
  }
  const project = mkdtempSync(join(folder, `${pkg}-`));
  const named = line.split(' ');
  const ours = new Set(named.filter((name) => name.startsWith('@ltml/')).flatMap((name) => [...needs(name)]));
  const overrides = Object.fromEntries(Array.from(ours, (name) => [name, tarballOf(name)]));
  const dependencies = Object.fromEntries(Object.entries(overrides).filter(([name]) => named.includes(name)));
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies, overrides }),
  );
  const others = named.filter((name) => !name.startsWith('@ltml/'));
  const options = { cwd: project };
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...others];
  if (!tried(`@ltml/${pkg}: npm install ${line}`, 'npm', install, options)) return;
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code);
  for (const [i, code] of examples.entries()) {
    const name = `${pkg}-${i + 1}`;
    writeFileSync(join(project, `${name}.ts`), `${code}\nexport {};\n`);
    writeFileSync(join(project, `${name}.mjs`), transformSync(code, { loader: 'ts' }).code);
    if (!needFiles.includes(name)) tried(`${name} as JavaScript`, process.execPath, [`${name}.mjs`], options);
  }
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const types = ['--typeRoots', resolve('node_modules/@types'), '--types', 'node'];
  const strict = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', ...types];
  const files = examples.map((_, i) => `${pkg}-${i + 1}.ts`);
  for (const kind of [
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
    ['--module', 'node16'],
  ]) {
    if (files.length > 0)
      tried(`@ltml/${pkg}, ${kind.join(' ')}`, process.execPath, [tsc, ...strict, ...kind, ...files], options);
  }
  const size = Number(run('du', ['-sk', 'node_modules'], options).split('\t')[0]) / 1024;
  console.log(`@ltml/${pkg}: ${examples.length} examples, ${size.toFixed(0)} MB installed, Node ${process.version}`);
  if (!(size <= budgets[pkg])) faults.push(`@ltml/${pkg}: ${size.toFixed(0)} MB installed, more than ${budgets[pkg]}`);
  rmSync(project, { recursive: true });
}

try {
  for (const pkg of packages) tryPackage(pkg);
  if (chosen.length === 0) {
    const layout = new PackedLayout();
    layout.install('@ltml/cli');
    layout.linkOptional();
    faults.push(...checkPages(layout));
    layout.remove();
  }
} finally {
  rmSync(folder, { recursive: true });
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
