// A process that trains in a run folder and goes on with what is in it: `train-in-child.ts FOLDER [STEP [eager]]`. It
// prints a line for each step; having told of STEP it waits, to be killed there.
import { setTimeout } from 'node:timers/promises';
import { type BackendName, useBackend } from '@ltml/tensor/node';
import { openRunFolder } from '@ltml/train/node';
import { resumableRun } from '../resumable-run.ts';

await useBackend((process.env.LTML_BACKEND ?? 'wasm') as BackendName);
const run = await openRunFolder(process.argv[2], {
  config: { name: 'resumable' },
  resume: true,
  checkpointEverySteps: 2,
});
const told = {
  onStep: async ({ step }: { step: number }) => {
    process.stdout.write(`step ${step}\n`);
    if (step === Number(process.argv[3])) await setTimeout(60_000);
  },
};
try {
  const { learner } = await resumableRun({
    checkpoints: run.checkpoints,
    eager: process.argv[4] === 'eager',
    observers: [run.observer, told],
  });
  learner.dispose();
} catch (error) {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
}
run.close();
