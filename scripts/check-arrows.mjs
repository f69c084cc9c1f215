// Checks that packages import each other only as docs/architecture.md allows. Part of `npm run lint`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const method = ['losses', 'tensor'];
const library = ['backbone', 'data', 'engines', 'images', 'losses', 'metrics', 'tensor', 'train'];
const methodList = readFileSync('packages/recipes/src/parts/methods.ts', 'utf8');
const methods = Array.from(methodList.matchAll(/import\('@ltml\/([a-z-]+)'\)/g), ([, name]) => name);

/** For each package, the packages that its sources may import. */
const arrows = {
  tensor: [],
  engines: ['tensor'],
  losses: ['tensor'],
  metrics: ['tensor'],
  report: [],
  images: ['tensor'],
  backbone: ['tensor'],
  data: ['images', 'tensor'],
  train: ['data', 'metrics', 'tensor'],
  mpi: ['tensor'],
  ...Object.fromEntries(methods.map((name) => [name, method])),
  recipes: [...library, ...methods],
  cli: [...library, 'mpi', ...methods, 'recipes', 'report', 'benchmarks'],
};

/** All imports in the sources of a package, as [file, module]. */
function* importsOf(name) {
  const folder = join('packages', name, 'src');
  for (const path of readdirSync(folder, { recursive: true })) {
    if (!path.endsWith('.ts')) continue;
    const file = join(folder, path);
    for (const [, module] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      yield [file, module];
    }
  }
}

/** Whether a file is code for Node: in a `node` folder, or in a package for Node only. */
const isForNode = (name, file) =>
  ['cli', 'mpi'].includes(name) || file.startsWith(join('packages', name, 'src', 'node/'));

/** Whether a module works in Node only: Node's own modules, sharp, and the Node entries of our packages. */
function isOfNode(file, module) {
  if (module.startsWith('.')) return join(dirname(file), module).includes('/src/node/');
  return /^(node:|sharp$|@ltml\/[a-z-]+\/node(\/|$))/.test(module);
}

const faults = [];
for (const name of readdirSync('packages')) {
  const allowed = arrows[name];
  if (!allowed) {
    faults.push(`packages/${name}: scripts/check-arrows.mjs does not say what it may import`);
    continue;
  }
  for (const [file, module] of importsOf(name)) {
    const [, target = name] = /^@ltml\/([a-z-]+)/.exec(module) ?? [];
    if (target !== name && !allowed.includes(target)) faults.push(`${file}: ${name} may not import @ltml/${target}`);
    if (isOfNode(file, module) && !isForNode(name, file))
      faults.push(`${file}: only code for Node may import ${module}`);
  }
}
// The benchmarks import what packages are compared by, and none of it imports them.
for (const folder of readdirSync('packages').flatMap((name) =>
  ['parity', 'bench'].map((part) => join('packages', name, part)),
)) {
  if (!existsSync(folder)) continue;
  for (const path of readdirSync(folder)) {
    const text = readFileSync(join(folder, path), 'utf8');
    if (/from '[^']*benchmarks\//.test(text)) faults.push(`${join(folder, path)}: may not import from benchmarks`);
  }
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${Object.keys(arrows).length} packages: all imports follow docs/architecture.md`);
