// Packs our packages and unpacks the tarballs as an installer would: each package with exactly the dependencies of its
// manifest. Third-party packages are linked from this workspace, so nothing is downloaded.
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
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Runs a command. @throws Error with its output if it fails */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

export const manifestOf = (place) => JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));

/** Packs all our packages, as for publishing. @returns paths of the tarballs in `folder`, by package */
export function packAll(folder) {
  const packages = ['--recursive', '--filter', './packages/*'];
  run('npx', ['--yes', packageManager, ...packages, 'pack', '--pack-destination', folder]);
  return new Map(
    readdirSync('packages').map((pkg) => {
      const { name, version } = manifestOf(join('packages', pkg));
      return [name, join(folder, `${name.slice(1).replace('/', '-')}-${version}.tgz`)];
    }),
  );
}

export class PackedLayout {
  folder = mkdtempSync(join(tmpdir(), 'ltml-packed-'));
  #tarballs;
  /** Third-party packages in this layout, by name. */
  others = new Map();
  /** Optional peers, as [package, peer]. They are linked if another package depends on the peer. */
  optional = [];

  /** @param tarballs of all our packages, by name; default: packed now */
  constructor(tarballs) {
    this.#tarballs = tarballs ?? packAll(join(this.folder, 'tarballs'));
  }

  /** The folder of one of our packages after installation. Its dependencies are beside it. */
  placeOf(name) {
    return join(this.folder, name.replaceAll('/', '+'), 'node_modules', name);
  }

  /** Names of our packages in this layout. */
  get names() {
    return readdirSync(this.folder)
      .filter((name) => name.startsWith('@ltml+'))
      .map((name) => name.replace('+', '/'));
  }

  /** Unpacks one of our packages, with its dependencies. */
  install(name) {
    const place = this.placeOf(name);
    if (existsSync(place)) return;
    mkdirSync(place, { recursive: true });
    run('tar', ['-xzf', this.#tarballs.get(name), '-C', place, '--strip-components=1']);
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifestOf(place);
    for (const needed of [...Object.keys(dependencies), ...Object.keys(peerDependencies)]) {
      if (needed in dependencies || !peerDependenciesMeta[needed]?.optional) this.#linkBeside(name, needed);
      else this.optional.push([name, needed]);
    }
  }

  /** Links the optional peers that other packages depend on. */
  linkOptional() {
    for (const [name, peer] of this.optional) if (this.others.has(peer)) this.#linkBeside(name, peer);
  }

  /** Links only the given packages into the `node_modules` of a project, as `npm install` with these names would. */
  project(folder, names) {
    for (const name of names) {
      const ours = name.startsWith('@ltml/');
      if (ours) this.install(name);
      const target = ours ? this.placeOf(name) : (this.others.get(name) ?? inWorkspace(name));
      place(target, join(folder, 'node_modules', name));
    }
  }

  remove() {
    rmSync(this.folder, { recursive: true });
  }

  #linkBeside(name, needed) {
    const ours = needed.startsWith('@ltml/');
    if (ours) this.install(needed);
    else {
      const of = join('packages', name.slice('@ltml/'.length), 'node_modules', needed);
      this.others.set(needed, realpathSync(of));
    }
    const path = join(this.folder, name.replaceAll('/', '+'), 'node_modules', needed);
    place(ours ? this.placeOf(needed) : this.others.get(needed), path);
  }
}

/** A third-party package that only pages and examples use. */
const inWorkspace = (name) => realpathSync(join('examples', 'node_modules', name));

function place(target, path) {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
