// Runs the root commands on a machine with only Node and access to npm's registry. It installs the workspace if it has
// changed, and then runs the command. It imports only modules of Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const windows = process.platform === 'win32';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`ltml needs Node ${manifest.engines.node}, but this is Node ${process.version}`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: windows, ...options });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const local = (tool, ...args) => run(join(root, 'node_modules', '.bin', tool), args);
/** Runs a command that needs `pnpm` on its PATH. npx provides the pinned version. */
const withPnpm = (...command) =>
  run('npx', ['--yes', '--package', manifest.packageManager, '--', ...command], {
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
const typescript = (file, ...args) => run(process.execPath, ['--import', 'tsx', file, ...args]);

/** Installs the workspace if a manifest or the lock file changed since the last time. */
function setUp() {
  const hash = createHash('sha256').update(process.version);
  const folders = readdirSync(join(root, 'packages')).map((name) => join('packages', name));
  for (const folder of ['.', 'benchmarks', 'examples', ...folders]) {
    const file = join(root, folder, 'package.json');
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)));
  const stamp = join(root, 'node_modules', '.ltml-set-up');
  const digest = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  console.error('ltml: installing the workspace …');
  // Print to stderr, because stdout of the command can be JSON.
  const stdio = ['inherit', process.stderr, 'inherit'];
  run('npx', ['--yes', manifest.packageManager, 'install', '--frozen-lockfile', '--reporter=append-only'], { stdio });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
}

const commands = {
  start: (args) => typescript('packages/cli/src/bin.ts', 'bench', ...args),
  ltml: (args) => typescript('packages/cli/src/bin.ts', ...args),
  parity: (args) => typescript('packages/cli/src/bin.ts', 'parity', ...args),
  bench: (args) => typescript('packages/cli/src/bin.ts', 'bench', ...args),
  speed: (args) => typescript('packages/cli/src/bin.ts', 'bench', '--suite', 'speed', ...args),
  test: (args) => run(process.execPath, ['scripts/test.mjs', ...args]),
  lint: () => {
    // Recipes of this clone refer to the schema, for editors.
    typescript('packages/recipes/scripts/write-schema.ts');
    local('biome', 'check', '.');
    run(process.execPath, ['scripts/typecheck.mjs']);
    for (const check of ['arrows', 'manifests', 'docs']) run(process.execPath, [`scripts/check-${check}.mjs`]);
    local('knip');
  },
  build: () => {
    withPnpm(join(root, 'node_modules', '.bin', 'turbo'), 'run', 'build', 'check');
    run(process.execPath, ['scripts/check-packed.mjs']);
    run(process.execPath, ['scripts/check-alone.mjs']);
  },
  docs: () => {
    run(process.execPath, ['scripts/write-exports.mjs']);
    local('typedoc');
    run(process.execPath, ['scripts/check-site.mjs', 'site']);
  },
};

const [name, ...args] = process.argv.slice(2);
if (!(name in commands)) {
  console.error(`unknown command ${name}; known: ${Object.keys(commands).join(', ')}`);
  process.exit(2);
}
setUp();
commands[name](args);
