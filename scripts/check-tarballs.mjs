// Tries every package as a new user would: in an empty project with the README's install line and nothing else. Then it
// follows all pages of docs/start. It takes half an hour. Run it before a release, after `npm run build`. What the pages
// and the examples run is tried on each given Node; default: the one that runs this script.
//
//   node scripts/check-tarballs.mjs [--node PATH]… [PACKAGE…]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AloneProject } from './alone-project.mjs';
import { checkPages } from './check-pages.mjs';
import { PackedLayout, packAll } from './packed-layout.mjs';

/** Budgets in MB on disk after the README's install line, including third-party packages. */
const budgets = JSON.parse(readFileSync('scripts/install-budgets.json', 'utf8'));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'string', multiple: true, default: [process.execPath] } },
});
const packages = readdirSync('packages').filter((name) => positionals.length === 0 || positionals.includes(name));
const folder = mkdtempSync(join(tmpdir(), 'ltml-tarballs-'));
const faults = [];

// A new user has no native engine.
process.env.LTML_CACHE = join(folder, 'cache');

try {
  const tarballs = packAll(folder);
  for (const pkg of packages) {
    const started = Date.now();
    const project = new AloneProject(pkg, tarballs, folder);
    if (project.install()) {
      for (const node of values.node) project.runExamples(node);
      project.compileExamples();
      const page = await project.bundle();
      const size = project.megabytes();
      if (!(size <= budgets[pkg])) project.faults.push(`${size.toFixed(0)} MB installed, more than ${budgets[pkg]}`);
      const inPage = page === undefined ? 'for Node only' : `${(page / 1000).toFixed(0)} kB in a page`;
      const seconds = ((Date.now() - started) / 1000).toFixed(0);
      console.log(`@ltml/${pkg}: ${project.examples.length} examples, ${size.toFixed(0)} MB, ${inPage}, ${seconds} s`);
    }
    faults.push(...project.faults.map((fault) => `@ltml/${pkg}: ${fault}`));
    project.remove();
  }
  if (positionals.length === 0) {
    const layout = new PackedLayout(tarballs);
    layout.install('@ltml/cli');
    layout.linkOptional();
    for (const node of values.node) faults.push(...checkPages(layout, { node }));
    layout.remove();
  }
} finally {
  rmSync(folder, { recursive: true });
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
