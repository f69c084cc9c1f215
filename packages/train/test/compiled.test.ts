import { exportState } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { describe, expect, it } from 'vitest';
import type { StepReport } from '../src/observer.ts';
import { resumableRun } from './resumable-run.ts';

/** Losses and gradient norms of all steps, and the weights at the end. */
async function train(eager: boolean, accumulate: number) {
  const reports: StepReport[] = [];
  const notes: string[] = [];
  const onNote = (note: string): void => void notes.push(note);
  const { learner } = await resumableRun({
    eager,
    accumulate,
    observers: [{ onStep: (r) => void reports.push(r), onNote }],
  });
  const weights = await exportState(learner);
  learner.dispose();
  return { reports, notes, weights };
}

describe('fit with compiled steps', () => {
  // The run has dropout, batch norm, averaged weights, clipping and a one-cycle schedule, in two stages.
  for (const accumulate of [1, 2]) {
    it(`equals eager steps, with gradients of ${accumulate} ${accumulate === 1 ? 'batch' : 'batches'}`, async () => {
      const eager = await train(true, accumulate);
      const compiled = await train(false, accumulate);
      expect(compiled.reports.length).toBeGreaterThanOrEqual(20);
      // The last batch of each epoch is smaller, of which nothing is said.
      expect(compiled.notes).toEqual([]);
      for (const [i, { loss, gradientNorm, step }] of compiled.reports.entries()) {
        const tolerance = step <= 20 ? 1e-6 : 1e-5;
        expectClose([loss], [eager.reports[i].loss], { relative: tolerance, absolute: 0 });
        expectClose([gradientNorm as number], [eager.reports[i].gradientNorm as number], { relative: 1e-4 });
      }
      for (const [name, { data }] of compiled.weights) {
        // Batch norm takes this bias away again, and keeps it in its running mean: its gradient is rounding alone, which
        // AdamW scales up to full steps.
        if (['neck.fc.bias', 'neck.bn.running_mean'].includes(name)) continue;
        expectClose([...data].map(Number), [...(eager.weights.get(name)?.data ?? [])].map(Number), { relative: 1e-4 });
      }
    });
  }
});
