// A process that trains in a run folder until it is done or killed: `train-in-child.ts FOLDER`. It goes on with what is
// in the folder, prints a line for each step, and takes its time, so that it can be killed between two of them.
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
const slow = {
  onStep: async ({ step }: { step: number }) => {
    process.stdout.write(`step ${step}\n`);
    await setTimeout(5);
  },
};
try {
  const { learner } = await resumableRun({ checkpoints: run.checkpoints, observers: [run.observer, slow] });
  learner.dispose();
} catch (error) {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
}
run.close();
