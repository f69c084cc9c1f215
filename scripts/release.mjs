// Checks or publishes a release. See docs/releasing.md.
//
//   node scripts/release.mjs --check      prints the next version of each package, from the change notes
//   node scripts/release.mjs --publish    packs and publishes the versions that npm does not have
//
// Run `--publish` after `npm run build`. `--check` changes no files.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextVersions } from './next-versions.mjs';
import { manifestOf, packAll, run } from './packed-layout.mjs';

const manifests = readdirSync('packages').map((name) => manifestOf(join('packages', name)));

function check() {
  for (const { name, version, changelog } of nextVersions()) {
    const { version: now } = manifests.find((manifest) => manifest.name === name);
    console.log(`${name} ${now} → ${version}, ${changelog.split(/\s+/).length} words of changes`);
    if (version === '0.0.0') throw new Error(`${name} has no change note, so it would be published as 0.0.0`);
  }
}

function isPublished({ name, version }) {
  const { stdout } = spawnSync('npm', ['view', `${name}@${version}`, 'version'], { encoding: 'utf8' });
  return stdout.trim() === version;
}

function publish() {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-tarballs-'));
  try {
    const tarballs = packAll(folder);
    for (const manifest of manifests.filter((each) => !isPublished(each))) {
      run('npm', ['publish', tarballs.get(manifest.name), '--access', 'public', '--provenance']);
      console.log(`${manifest.name} ${manifest.version} is published`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const actions = { '--check': check, '--publish': publish };
const action = actions[process.argv[2]];
if (!action) {
  console.error('usage: node scripts/release.mjs --check | --publish');
  process.exit(2);
}
action();
