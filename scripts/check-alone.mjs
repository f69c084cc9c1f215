// Installs the tarball of a built package into an empty project with npm, and checks that no unexpected packages are
// installed. Part of `npm run build`.
//
//   node scripts/check-alone.mjs
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAll, run } from './packed-layout.mjs';

/**
 * The packages that a project should contain after installing a package and its peers, except those of TensorFlow.js'
 * core.
 */
const alone = {
  losses: ['@ltml/losses', '@ltml/tensor', '@tensorflow/tfjs-core'],
  metrics: ['@ltml/metrics', '@ltml/tensor', '@tensorflow/tfjs-core'],
};

/** Names of all packages below a node of `npm ls`, without the dependencies of TensorFlow.js' core. */
function* namesBelow({ dependencies = {} }) {
  for (const [name, node] of Object.entries(dependencies)) {
    // `npm ls` lists an optional peer that is not installed without a version.
    if (!node.version) continue;
    yield name;
    if (name !== '@tensorflow/tfjs-core') yield* namesBelow(node);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'ltml-alone-'));
try {
  const tarballs = packAll(folder);
  for (const [name, expected] of Object.entries(alone)) {
    const project = mkdtempSync(join(tmpdir(), 'ltml-project-'));
    const ours = expected.filter((other) => other.startsWith('@ltml/'));
    // Our packages are not published yet, so tarballs replace the registry.
    const overrides = Object.fromEntries(
      ours.filter((other) => other !== `@ltml/${name}`).map((other) => [other, `file:${tarballs.get(other)}`]),
    );
    writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', overrides }));
    run(
      'npm',
      [
        'install',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        tarballs.get(`@ltml/${name}`),
        '@tensorflow/tfjs-core@4.22.0',
      ],
      { cwd: project },
    );
    const found = new Set(namesBelow(JSON.parse(run('npm', ['ls', '--all', '--json'], { cwd: project }))));
    const extra = [...found].filter((other) => !expected.includes(other));
    if (extra.length > 0) {
      console.error(`@ltml/${name} installs unexpected packages: ${extra.join(', ')}`);
      process.exitCode = 1;
    }
    run(process.execPath, ['--input-type=module', '--eval', `await import('@ltml/${name}')`], { cwd: project });
    const size = Number(run('du', ['-sk', join(project, 'node_modules')]).split('\t')[0]) / 1024;
    console.log(`@ltml/${name} alone: ${[...found].join(', ')}; ${size.toFixed(0)} MB`);
    rmSync(project, { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true });
}
