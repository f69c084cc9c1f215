// Kills a rank of `ltml train` at random moments, and goes on with what is there with another number of ranks. Each time: how
// long the others take to end, who of them says why, whether a checkpoint stands; in the end the losses are those of a run that
// nobody killed. Needs Open MPI.
//
//   npx tsx packages/cli/scripts/kill-ranks.ts [KILLS [SEED]]
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RandomStream } from '@ltml/tensor';
import { findMismatch } from '@ltml/tensor/testing';
import { lossesOf, pidOfRank, startRanks, writeRanksRecipe } from '../test/start-ranks.ts';

const [kills = '10', seed = '1'] = process.argv.slice(2);
const random = new RandomStream(Number(seed));
const folder = mkdtempSync(join(tmpdir(), 'ltml-kill-ranks-'));
const recipe = join(folder, 'recipe.yaml');
writeRanksRecipe(recipe, 60);
const faults: string[] = [];
const stepsOf = (run: string): number => (existsSync(join(run, 'metrics.jsonl')) ? lossesOf(run).length : 0);
const checkpoints = (run: string): number => {
  const path = join(run, 'checkpoints');
  return existsSync(path) ? readdirSync(path).filter((name) => /^checkpoint-\d+\.safetensors$/.test(name)).length : 0;
};

try {
  const whole = join(folder, 'whole');
  const alone = startRanks(1, recipe, '--out', whole);
  if ((await alone.ended) !== 0) throw new Error(alone.said);
  const run = join(folder, 'killed');
  for (let kill = 1; kill <= Number(kills); kill++) {
    const size = 2 + random.integer(2);
    const victim = random.integer(size);
    const wait = random.integer(2500);
    const from = stepsOf(run);
    const ranks = startRanks(size, recipe, '--out', run, ...(from > 0 ? ['--resume'] : []));
    // Some are killed while they start, most while they train.
    if (random.integer(4) > 0) while (ranks.child.exitCode === null && stepsOf(run) <= from) await sleep(10);
    else while (ranks.child.exitCode === null && pidOfRank(victim, run) === undefined) await sleep(10);
    await sleep(wait);
    const pid = pidOfRank(victim, run);
    if (pid === undefined) {
      console.log(`kill ${kill}: the run had ended before`);
      await ranks.ended;
      break;
    }
    const trains = stepsOf(run) > from;
    process.kill(pid, 'SIGKILL');
    const at = performance.now();
    const code = await ranks.ended;
    const seconds = (performance.now() - at) / 1000;
    const told = Array.from({ length: size }, (_, rank) => rank).filter((rank) =>
      ranks.said.includes(`ltml, rank ${rank}:`),
    );
    const launcher = /process rank \d+ with PID|exited on signal 9|non-zero|abort/i.test(ranks.said);
    console.log(
      `kill ${kill}: rank ${victim} of ${size} after step ${stepsOf(run)}: ended with ${code} in ${seconds.toFixed(1)} s; ` +
        `said by ranks [${told}]${launcher ? ' and the launcher' : ''}; ${checkpoints(run)} checkpoints`,
    );
    if (code === 0 || seconds > 30) faults.push(`kill ${kill}: code ${code} after ${seconds} s`);
    if (trains && told.length < size - 1) faults.push(`kill ${kill}: only ranks [${told}] said why:\n${ranks.said}`);
    if (told.length === 0 && !launcher) faults.push(`kill ${kill}: nobody said why:\n${ranks.said}`);
    if (stepsOf(run) > 5 && checkpoints(run) === 0) faults.push(`kill ${kill}: no checkpoint`);
  }
  const last = startRanks(1, recipe, '--out', run, '--resume');
  const code = await last.ended;
  if (code !== 0) faults.push(`could not go on: ${last.said}`);
  const [expected, losses] = [whole, run].map(lossesOf);
  const mismatch = findMismatch(losses, expected, { relative: 1e-4, absolute: 1e-5 });
  if (losses.length !== expected.length || mismatch !== null) faults.push(`other losses: ${mismatch}`);
  console.log(`${losses.length} steps, losses ${mismatch === null ? 'as of a run that nobody killed' : mismatch}`);
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${faults.length} faults`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
