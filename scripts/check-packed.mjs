// Packs the `ltml` command and all our packages that it needs. Checks that every import in the tarballs resolves, that
// the command starts and trains, that bundles stay within their budgets, and that a page of docs/start works as
// written. Part of `npm run build`, after the packages are built.
//
//   node scripts/check-packed.mjs
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkBundles } from './check-bundles.mjs';
import { checkPages } from './check-pages.mjs';
import { manifestOf, PackedLayout, run } from './packed-layout.mjs';

/** The pages to check. All others train for a minute or two; scripts/check-tarballs.mjs checks them. */
const quickPages = ['one-package.md'];

const layout = new PackedLayout();
const { folder } = layout;
const faults = [];

/** All imports in the tarballs, as [file, module]. */
function* importsOf(place) {
  for (const path of readdirSync(place, { recursive: true })) {
    if (!/\.m?js$/.test(path)) continue;
    const text = readFileSync(join(place, path), 'utf8');
    for (const [, specifier] of text.matchAll(/(?:^(?:import|export)\b[^'"`;]*?|\bimport\()\s*["']([^"']+)["']/gm)) {
      // An import inside a template string is not an import.
      if (!specifier.includes('$')) yield [join(place, path), specifier];
    }
  }
}

try {
  layout.install('@ltml/cli');
  layout.linkOptional();
  // A missing optional peer gives an error message when it is used.
  const missing = layout.optional.map(([, peer]) => peer).filter((peer) => !layout.others.has(peer));
  const askedFor = ['@ltml/benchmarks', ...missing];
  const { names } = layout;
  const imports = names.flatMap((name) => [...importsOf(layout.placeOf(name))]);
  const questions = imports.map(([file, specifier]) => [specifier, pathToFileURL(file).href]);
  const asked = `
    import { readFileSync } from 'node:fs';
    const answers = JSON.parse(readFileSync(0, 'utf8')).map(([specifier, file]) => {
      try { return import.meta.resolve(specifier, file); } catch (error) { return error.code; }
    });
    console.log(JSON.stringify(answers));`;
  const answers = JSON.parse(
    run(process.execPath, ['--experimental-import-meta-resolve', '--input-type=module', '--eval', asked], {
      input: JSON.stringify(questions),
      maxBuffer: 1e8,
    }),
  );
  for (const [i, [file, specifier]] of imports.entries()) {
    const resolved = answers[i];
    const isThere =
      resolved.startsWith('node:') || (resolved.startsWith('file:') && existsSync(fileURLToPath(resolved)));
    const isAskedFor = askedFor.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    if (!isThere && !isAskedFor) faults.push(`${relative(folder, file)} imports ${specifier}: ${resolved}`);
  }
  const bin = join(layout.placeOf('@ltml/cli'), manifestOf(layout.placeOf('@ltml/cli')).bin.ltml);
  const ltml = (...args) => spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd: folder });
  if (!existsSync(join(layout.placeOf('@ltml/recipes'), 'recipe.schema.json')))
    faults.push('@ltml/recipes has no schema');
  const help = ltml('--help');
  if (help.status !== 0 || !help.stdout.includes('Usage: ltml')) faults.push(`ltml --help: ${help.stderr}`);
  for (const command of [['bench'], ['report', folder], ['parity', folder, '--backend', 'cpu']]) {
    const { status, stderr } = ltml(...command);
    if (status !== 2 || !/^ltml: ltml \w+: .*in a clone of it\n$/.test(stderr)) {
      faults.push(`ltml ${command.join(' ')}: exit code ${status}, ${stderr}`);
    }
  }
  // The tarballs contain everything that this run needs: a data set and the weights of an encoder.
  writeFileSync(join(folder, 'quick.yaml'), 'loss: { name: focal }\nfeatures: { views: 0 }\nsteps: 2\n');
  const trained = ltml('train', 'quick.yaml', '--backend', 'wasm', '--out', 'run');
  if (trained.status !== 0) faults.push(`ltml train: ${trained.stderr}`);
  faults.push(...(await checkBundles(layout)), ...checkPages(layout, { pages: quickPages }));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`${names.length} tarballs: their ${imports.length} imports resolve, and \`ltml\` trains from them`);
} finally {
  layout.remove();
}
