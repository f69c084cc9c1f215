// Packs the `ltml` command and every package of ours that it needs, lays the tarballs side by side as an installer would, each
// with the dependencies that its manifest names and no others, and checks that every import in them resolves and that the
// command starts and trains. Part of `npm run build`, after the packages are built.
//
//   node scripts/check-packed.mjs
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'ltml-packed-'));
const faults = [];
/** Packages of others that were linked, by name. */
const installed = new Map();
/** Optional peers, each with the package that can do with it: there if another package brings it along. */
const optional = [];

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** The folder that a package has once it is installed; its dependencies lie beside it. */
const placeOf = (name) => join(folder, name.replaceAll('/', '+'), 'node_modules', name);

/** Unpacks a package of ours, and links what it depends on, which is unpacked in the same way. */
function install(name) {
  const place = placeOf(name);
  if (existsSync(place)) return;
  const source = join('packages', name.slice('@ltml/'.length));
  const tarballs = mkdtempSync(join(folder, 'tarball-'));
  run('npx', ['--yes', packageManager, '--dir', source, 'pack', '--pack-destination', tarballs]);
  mkdirSync(place, { recursive: true });
  run('tar', ['-xzf', join(tarballs, readdirSync(tarballs)[0]), '-C', place, '--strip-components=1']);
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifestOf(place);
  for (const needed of [...Object.keys(dependencies), ...Object.keys(peerDependencies)]) {
    if (needed in dependencies || !peerDependenciesMeta[needed]?.optional) link(name, needed);
    else optional.push([name, needed]);
  }
}

function link(name, needed) {
  const path = join(folder, name.replaceAll('/', '+'), 'node_modules', needed);
  const ours = needed.startsWith('@ltml/');
  if (ours) install(needed);
  else installed.set(needed, realpathSync(join('packages', name.slice('@ltml/'.length), 'node_modules', needed)));
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(ours ? placeOf(needed) : installed.get(needed), path);
}

function manifestOf(place) {
  return JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
}

/** Every file of code in the tarballs, with what it imports. */
function* importsOf(place) {
  for (const path of readdirSync(place, { recursive: true })) {
    if (!/\.m?js$/.test(path)) continue;
    const text = readFileSync(join(place, path), 'utf8');
    for (const [, specifier] of text.matchAll(/(?:^(?:import|export)\b[^'"`;]*?|\bimport\()\s*["']([^"']+)["']/gm)) {
      // Not what stands in a text.
      if (!specifier.includes('$')) yield [join(place, path), specifier];
    }
  }
}

try {
  install('@ltml/cli');
  for (const [name, peer] of optional) if (installed.has(peer)) link(name, peer);
  // What is not there says so when it is asked for.
  const askedFor = ['@ltml/benchmarks', ...optional.map(([, peer]) => peer).filter((peer) => !installed.has(peer))];
  const names = readdirSync(folder).filter((name) => name.startsWith('@ltml+'));
  const imports = names.flatMap((name) => [...importsOf(placeOf(name.replace('+', '/')))]);
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
  const bin = join(placeOf('@ltml/cli'), manifestOf(placeOf('@ltml/cli')).bin.ltml);
  const ltml = (...args) => spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd: folder });
  const help = ltml('--help');
  if (help.status !== 0 || !help.stdout.includes('Usage: ltml')) faults.push(`ltml --help: ${help.stderr}`);
  for (const command of [['bench'], ['report', folder], ['parity', folder, '--backend', 'cpu']]) {
    const { status, stderr } = ltml(...command);
    if (status !== 2 || !/^ltml: ltml \w+: .*in a clone of it\n$/.test(stderr)) {
      faults.push(`ltml ${command.join(' ')}: exit code ${status}, ${stderr}`);
    }
  }
  // What it trains with lies in the tarballs, too: a data set and the weights of an encoder.
  writeFileSync(join(folder, 'quick.yaml'), 'loss: { name: focal }\nfeatures: { views: 0 }\nsteps: 2\n');
  const trained = ltml('train', 'quick.yaml', '--backend', 'wasm', '--out', 'run');
  if (trained.status !== 0) faults.push(`ltml train: ${trained.stderr}`);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`${names.length} tarballs: their ${imports.length} imports resolve, and \`ltml\` trains from them`);
} finally {
  rmSync(folder, { recursive: true });
}
