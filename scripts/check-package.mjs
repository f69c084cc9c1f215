// Packs the package in the current folder as for publishing, and checks the tarball: the manifest with publint, the
// types with are-the-types-wrong, and a dry run of `npm publish`. `npm run build` runs it in every package.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'ltml-pack-'));

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  console.error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  process.exitCode = 1;
}

/**
 * A dry run of `npm publish`. npm warns if it would change the manifest. It needs neither an account nor the registry.
 */
function publishDry(tarball) {
  const command = ['publish', tarball, '--access', 'public', '--dry-run', '--tag', 'next'];
  const { status, stderr } = spawnSync('npm', command, { encoding: 'utf8' });
  const warnings = stderr.split('\n').filter((line) => /npm (warn|error)/.test(line) && !line.includes('logged in'));
  if (status === 0 && warnings.length === 0) return;
  console.error(`npm ${command.join(' ')}\n${stderr}`);
  process.exitCode = 1;
}

try {
  run('npx', '--yes', packageManager, 'pack', '--pack-destination', folder);
  const tarball = join(folder, readdirSync(folder)[0]);
  run(join(root, 'node_modules/.bin/publint'), tarball, '--strict');
  run(join(root, 'node_modules/.bin/attw'), tarball, '--profile', 'esm-only');
  publishDry(tarball);
} finally {
  rmSync(folder, { recursive: true });
}
