// A process that trains in a run folder and goes on with what is in it: `train-in-child.ts FOLDER [STEP [eager]]`. It
// prints a line for each step; having told of STEP it waits, to be killed there. With `stoppable` for STEP it waits a
// little at each, stops at SIGTERM and SIGINT with exit code 1, and writes its results at the end.
import { setTimeout } from 'node:timers/promises';
import { type BackendName, useBackend } from '@ltml/engines';
import { evaluate } from '@ltml/train';
import { openRunFolder } from '@ltml/train/node';
import { resumableRun } from '../resumable-run.ts';
import { syntheticTask } from '../synthetic.ts';

await useBackend((process.env.LTML_BACKEND ?? 'wasm') as BackendName);
const [path, waitAt, mode] = process.argv.slice(2);
const stoppable = waitAt === 'stoppable';
const stop = new AbortController();
if (stoppable) for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop.abort());
const run = await openRunFolder(path, {
  config: { name: 'resumable' },
  resume: true,
  checkpointEverySteps: 2,
});
const told = {
  onStep: async ({ step }: { step: number }) => {
    process.stdout.write(`step ${step}\n`);
    if (stoppable) await setTimeout(20);
    if (step === Number(waitAt)) await setTimeout(60_000);
  },
};
try {
  const { learner, dataset, result } = await resumableRun({
    checkpoints: run.checkpoints,
    eager: mode === 'eager',
    observers: [run.observer, told],
    signal: stop.signal,
  });
  if (result.outcome === 'aborted') {
    process.stderr.write('stopped\n');
    process.exitCode = 1;
  } else if (stoppable) {
    await run.writeResults({ result, task: syntheticTask(dataset), scores: await evaluate(learner, dataset) });
  }
  learner.dispose();
} catch (error) {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
}
await run.close();
