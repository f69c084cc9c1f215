// Kills `ltml train` at random moments and inside its writes, lets each run go on to its end, and compares it with the end
// of a run that nobody killed; a test of @ltml/train does the same a few times with a process that loads faster.
//
//   npx tsx packages/cli/scripts/kill-runs.ts [KILLS [SEED]]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killRuns } from '../../train/test/node/kill-runs.ts';

const recipe = `
loss: { name: binary-cross-entropy }
features: { views: 0 }
batchSize: 64
method: { options: { epochs: 3 } }
checkpointEverySteps: 2
evaluation: { select: { metric: mAP, mode: max } }
`;

const [kills = '60', seed = '1'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'ltml-recipe-'));
const file = join(folder, 'recipe.yaml');
writeFileSync(file, recipe);
const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const command = (path: string) => ['--import', 'tsx', bin, 'train', file, '--out', path, '--resume'];
try {
  const { faults, ...counts } = await killRuns(Number(kills), Number(seed), command, ({ runs, kills: done, faults }) =>
    console.error([`${runs} runs, ${done} kills, ${faults.length} faults`, ...faults].join('\n')),
  );
  console.log(`${JSON.stringify(counts)}, ${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
