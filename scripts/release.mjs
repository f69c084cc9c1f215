// Checks or publishes a release. Run after `npm run build`. See docs/releasing.md.
//
//   node scripts/release.mjs --check      next versions by the change notes, in a copy; packs, and publishes with --dry-run
//   node scripts/release.mjs --publish    publishes what npm does not have yet
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { manifestOf, pack, run } from './packed-layout.mjs';

const packages = readdirSync('packages').map((name) => join('packages', name));

/** Versions and changelogs that the change notes lead to, computed in a copy of what `changeset` reads. */
function nextVersions() {
  const copy = mkdtempSync(join(tmpdir(), 'ltml-release-'));
  try {
    for (const file of ['package.json', 'pnpm-workspace.yaml', '.changeset'])
      cpSync(file, join(copy, file), { recursive: true });
    for (const folder of [...packages, 'benchmarks', 'examples']) {
      mkdirSync(join(copy, folder), { recursive: true });
      for (const file of ['package.json', 'CHANGELOG.md']) {
        if (existsSync(join(folder, file))) cpSync(join(folder, file), join(copy, folder, file));
      }
    }
    run('git', ['init', '-q', copy]);
    const changeset = resolve('node_modules/@changesets/cli/bin.js');
    run(process.execPath, [changeset, 'version'], { cwd: copy });
    return packages.map((folder) => {
      const { name, version } = manifestOf(join(copy, folder));
      const log = join(copy, folder, 'CHANGELOG.md');
      return { name, version, changelog: existsSync(log) ? readFileSync(log, 'utf8') : '' };
    });
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Whether npm would take the tarball as it is: it warns where it would change the manifest. */
function publish(tarball, ...args) {
  const command = ['publish', tarball, '--access', 'public', ...args];
  const { status, stdout, stderr } = spawnSync('npm', command, { encoding: 'utf8' });
  const warnings = stderr.split('\n').filter((line) => /npm (warn|error)/i.test(line));
  return status === 0 && warnings.length === 0
    ? undefined
    : `${tarball}: exit code ${status}\n${stdout}${warnings.join('\n')}`;
}

const isPublished = ({ name, version }) =>
  spawnSync('npm', ['view', `${name}@${version}`, 'version'], { encoding: 'utf8' }).stdout.trim() === version;

const [mode] = process.argv.slice(2);
if (mode !== '--check' && mode !== '--publish') {
  console.error('usage: node scripts/release.mjs --check | --publish');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'ltml-tarballs-'));
const faults = [];
try {
  if (mode === '--check') {
    for (const { name, version, changelog } of nextVersions()) {
      const words = changelog.split(/\s+/).length;
      console.log(
        `${name} ${manifestOf(join('packages', name.slice('@ltml/'.length))).version} → ${version}, ${words} words of changes`,
      );
      if (version === '0.0.0') faults.push(`${name} has no change note, so it would be published as 0.0.0`);
    }
  }
  for (const path of packages) {
    const manifest = manifestOf(path);
    if (mode === '--publish' && isPublished(manifest)) continue;
    const tarball = pack(manifest.name, folder);
    const fault = publish(tarball, ...(mode === '--check' ? ['--dry-run', '--tag', 'next'] : ['--provenance']));
    if (fault) faults.push(fault);
    else
      console.log(`${manifest.name} ${manifest.version}: ${mode === '--check' ? 'could be published' : 'published'}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);
