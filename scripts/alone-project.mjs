// An empty project in which one of our packages is installed by the install line of its README.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { transformSync } from 'esbuild';
import { build } from 'vite';
import { manifestOf, run } from './packed-layout.mjs';

/**
 * Examples that need files of the reader or an MPI. They are compiled but not run, as in examples/test/readmes.test.ts.
 */
const needFiles = ['backbone-2', 'backbone-3', 'mpi-1'];

/** Packages that do not run in a browser. */
const forNode = ['cli', 'mpi'];

const strict = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--types', 'node'];

export class AloneProject {
  /** What did not work. */
  faults = [];

  /** @param tarballs of all our packages, by name */
  constructor(pkg, tarballs, folder) {
    this.pkg = pkg;
    this.tarballs = tarballs;
    this.folder = mkdtempSync(join(folder, `${pkg}-`));
    this.readme = readFileSync(join('packages', pkg, 'README.md'), 'utf8');
    this.examples = [...this.readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code], i) => {
      return { name: `${pkg}-${i + 1}`, code };
    });
  }

  /** Installs what the README says. Tarballs replace the registry, since our packages are not published yet. */
  install() {
    const [, line] = /^npm install (.*)$/m.exec(this.readme) ?? [];
    if (!line) {
      this.faults.push('the README has no install line');
      return false;
    }
    const named = line.split(' ');
    const isOurs = (name) => name.startsWith('@ltml/');
    const ours = new Set(named.filter(isOurs).flatMap((name) => [...needs(name)]));
    const overrides = Object.fromEntries(Array.from(ours, (name) => [name, `file:${this.tarballs.get(name)}`]));
    const dependencies = Object.fromEntries(named.filter(isOurs).map((name) => [name, overrides[name]]));
    this.#write('package.json', JSON.stringify({ private: true, type: 'module', dependencies, overrides }));
    const others = named.filter((name) => !isOurs(name));
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
    return this.#try(`npm install ${line}`, 'npm', ['install', '--ignore-scripts', ...quiet, ...others]);
  }

  /** Runs the examples as JavaScript, in a folder of their own, and the command if the package has one. */
  runExamples(node) {
    const version = run(node, ['--version']).trim();
    const cwd = join(this.folder, version);
    mkdirSync(cwd);
    for (const { name, code } of this.examples) {
      writeFileSync(join(cwd, `${name}.mjs`), transformSync(code, { loader: 'ts' }).code);
      if (!needFiles.includes(name)) this.#try(`${name}, Node ${version}`, node, [`${name}.mjs`], cwd);
    }
    const { bin = {} } = manifestOf(join('packages', this.pkg)).publishConfig;
    for (const program of Object.keys(bin)) {
      this.#try(`${program} --help, Node ${version}`, node, [join('node_modules/.bin', program), '--help']);
    }
  }

  /** Compiles the examples with strict TypeScript. */
  compileExamples() {
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const types = ['--typeRoots', resolve('node_modules/@types')];
    const files = this.examples.map(({ name }) => `${name}.ts`);
    for (const { name, code } of this.examples) this.#write(`${name}.ts`, `${code}\nexport {};\n`);
    for (const resolution of [
      ['--module', 'esnext', '--moduleResolution', 'bundler'],
      ['--module', 'node16'],
    ]) {
      if (files.length === 0) continue;
      this.#try(`tsc ${resolution.join(' ')}`, process.execPath, [tsc, ...strict, ...types, ...resolution, ...files]);
    }
  }

  /** Bundles a page with everything that the package exports. @returns bytes after gzip, with TensorFlow.js */
  async bundle() {
    if (forNode.includes(this.pkg)) return undefined;
    this.#write('index.html', '<!doctype html><script type="module" src="/page.js"></script>');
    this.#write('page.js', `import * as all from '@ltml/${this.pkg}';\nconsole.log(all);\n`);
    try {
      const options = { root: this.folder, configFile: false, logLevel: 'silent', build: { write: false } };
      const { output } = await build(options);
      const scripts = output.filter(({ type }) => type === 'chunk');
      return scripts.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
    } catch (error) {
      this.faults.push(`vite build: ${error.message}`);
      return undefined;
    }
  }

  /** Size of all installed packages on disk. */
  megabytes() {
    return Number(run('du', ['-sk', join(this.folder, 'node_modules')]).split('\t')[0]) / 1024;
  }

  remove() {
    rmSync(this.folder, { recursive: true });
  }

  #write(file, text) {
    writeFileSync(join(this.folder, file), text);
  }

  #try(what, command, args, cwd = this.folder) {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd });
    if (status !== 0) this.faults.push(`${what}: exit code ${status}\n${(stdout + stderr).slice(-2000)}`);
    return status === 0;
  }
}

/** All our packages that a package depends on, directly or indirectly. */
function needs(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const { dependencies = {} } = manifestOf(join('packages', name.slice('@ltml/'.length)));
  for (const needed of Object.keys(dependencies)) if (needed.startsWith('@ltml/')) needs(needed, found);
  return found;
}
