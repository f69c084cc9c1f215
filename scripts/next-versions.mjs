// Computes the next versions and changelogs from the change notes, by running `changeset version` in a copy.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { manifestOf, run } from './packed-layout.mjs';

/** @returns {{ name: string, version: string, changelog: string }[]} */
export function nextVersions() {
  const packages = readdirSync('packages').map((name) => join('packages', name));
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
