// Checks which package imports which: docs/architecture.md draws the arrows, this holds them. Part of `npm run lint`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const method = ['losses', 'tensor'];
const library = ['backbone', 'data', 'engines', 'images', 'losses', 'metrics', 'tensor', 'train'];
const methodList = readFileSync('packages/recipes/src/parts/methods.ts', 'utf8');
const methods = Array.from(methodList.matchAll(/from '@ltml\/([a-z-]+)'/g), ([, name]) => name);

/** What the sources of each package may import of the others. */
const arrows = {
  tensor: [],
  engines: ['tensor'],
  losses: ['tensor'],
  metrics: ['tensor'],
  images: ['tensor'],
  backbone: ['tensor'],
  data: ['images', 'tensor'],
  train: ['data', 'metrics', 'tensor'],
  ...Object.fromEntries(methods.map((name) => [name, method])),
  recipes: [...library, ...methods],
  cli: [...library, ...methods, 'recipes', 'benchmarks'],
};

/** Imports that the sources of a package make of our packages, as [file, package, subpath]. */
function* importsOf(name) {
  const folder = join('packages', name, 'src');
  for (const path of readdirSync(folder, { recursive: true })) {
    if (!path.endsWith('.ts')) continue;
    const text = readFileSync(join(folder, path), 'utf8');
    for (const [, target, subpath] of text.matchAll(/(?:from|import)\s*\(?\s*'@ltml\/([a-z-]+)(\/[a-z/-]+)?'/g)) {
      yield [join(folder, path), target, subpath ?? ''];
    }
  }
}

const faults = [];
for (const name of readdirSync('packages')) {
  const allowed = arrows[name];
  if (!allowed) {
    faults.push(`packages/${name}: scripts/check-arrows.mjs does not say what it may import`);
    continue;
  }
  for (const [file, target, subpath] of importsOf(name)) {
    if (target !== name && !allowed.includes(target)) faults.push(`${file}: ${name} may not import @ltml/${target}`);
    const isForNode = /\/src\/node\//.test(file) || ['cli', 'recipes'].includes(name);
    if (subpath.startsWith('/node') && !isForNode) faults.push(`${file}: only code for Node may import ${target}/node`);
  }
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${Object.keys(arrows).length} packages: their imports go the ways of docs/architecture.md`);
