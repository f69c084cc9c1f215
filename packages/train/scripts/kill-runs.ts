// Kills training processes at random moments and inside their writes, lets each run go on to its end, and compares it
// with the end of a run that nobody killed; the tests do the same a few times.
//
//   npx tsx packages/train/scripts/kill-runs.ts [KILLS [SEED]]
import { killRuns } from '../test/node/kill-runs.ts';

const [kills = '60', seed = '1'] = process.argv.slice(2);
const { faults, ...counts } = await killRuns(Number(kills), Number(seed), ({ runs, kills: done, faults }) =>
  console.error(`${runs} runs, ${done} kills, ${faults.length} faults`),
);
for (const fault of faults) console.log(fault);
console.log(`${JSON.stringify(counts)}, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
