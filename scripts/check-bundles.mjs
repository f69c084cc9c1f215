// Measures how many bytes the packages add to a page: packed packages, bundled and minified with esbuild, gzipped,
// without TensorFlow.js. bundle-budgets.json has the budgets. docs/sizes.md shows the measured sizes.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * @param {import('./packed-layout.mjs').PackedLayout} layout
 * @param write writes docs/sizes.md; default: if the environment variable LTML_WRITE_SIZES is 1
 * @returns {Promise<string[]>} the bundles that are larger than their budgets
 */
export async function checkBundles(layout, { write = process.env.LTML_WRITE_SIZES === '1' } = {}) {
  const budgets = JSON.parse(readFileSync('scripts/bundle-budgets.json', 'utf8'));
  const faults = [];
  const lines = [];
  for (const [title, { code, kilobytes }] of Object.entries(budgets)) {
    const size = await sizeOf(layout, code);
    const measured = (size / 1000).toFixed(1);
    console.log(`bundle of ${title}: ${measured} kB, at most ${kilobytes}`);
    lines.push(`| ${title} | ${measured} | ${kilobytes} |`);
    if (size > kilobytes * 1000) faults.push(`bundle of ${title}: ${measured} kB, more than ${kilobytes} kB`);
  }
  if (write) writeFileSync('docs/sizes.md', page(lines));
  return faults;
}

async function sizeOf(layout, code) {
  const project = mkdtempSync(join(layout.folder, 'bundle-'));
  mkdirSync(join(project, 'node_modules'));
  const names = [...code.matchAll(/'(@ltml\/[a-z-]+)/g)].map(([, name]) => name);
  layout.project(project, names);
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: project },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    external: ['@tensorflow/*', 'node:*'],
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

function page(lines) {
  return `# Sizes

What a package adds to a web page, in kB after minification and gzip. TensorFlow.js is not counted. The packed packages
are bundled by esbuild. \`npm run build\` fails if a bundle is larger than its budget.

Written by \`LTML_WRITE_SIZES=1 node scripts/check-packed.mjs\`.

| bundle | kB | budget |
|---|---|---|
${lines.join('\n')}

TensorFlow.js with its WebGL engine adds about 217 kB.
`;
}
