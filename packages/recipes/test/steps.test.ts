import { describe, expect, it } from 'vitest';
import type { Draws } from '../src/build/draws.ts';
import { trainedDraws, withSteps } from '../src/build/steps.ts';
import { build } from '../src/node/build.ts';
import { allMethods } from './all-methods.ts';
import { resolveText } from './resolve-text.ts';

const small = 'loss: { name: focal }\nfeatures: { views: 0 }';

describe('steps', () => {
  it('are epochs of whole batches, rounded up', async () => {
    for (const [sampler, perEpoch, images] of [
      ['uniform', 31, 978],
      ['class-aware', undefined, undefined],
    ] as const) {
      const built = await build(await resolveText(`${small}\nsteps: 200\nsampler: { name: ${sampler} }`));
      const [{ epochs, steps, imagesPerEpoch }] = built.stages;
      expect(steps).toBeGreaterThanOrEqual(200);
      expect(steps - steps / epochs).toBeLessThan(200);
      expect(built.learner.stages[0].epochs).toBe(epochs);
      expect(steps).toBe(epochs * built.loader.batchesPerEpoch);
      if (perEpoch) expect([steps / epochs, imagesPerEpoch]).toEqual([perEpoch, images]);
      else expect(imagesPerEpoch).toBeGreaterThan(2000);
      built.dispose();
    }
  });

  it('take along what a method counts in epochs', () => {
    const scaled = (name: string, options: object, steps: number, perEpoch: readonly number[]) =>
      withSteps(allMethods[name], options, steps, perEpoch);
    const { 'distribution-balanced': db } = allMethods.classifier.presets;
    const schedule = { name: 'multiStep', milestones: [5, 7] };
    expect(scaled('classifier', { ...db, schedule }, 400, [100])).toEqual({
      ...db,
      epochs: 4,
      schedule: { name: 'multiStep', milestones: [2.5, 3.5] },
    });
    expect(scaled('cprfl', allMethods.cprfl.presets['coco-lt'], 150, [10])).toMatchObject({
      epochs: 15,
      schedule: { epochs: 40 },
    });
    expect(scaled('sarb', allMethods.sarb.presets.sarb, 100, [10])).toMatchObject({
      epochs: 10,
      blending: { from: 3, prototypes: { every: 3 } },
      schedule: { every: 5 },
    });
    expect(scaled('mkt', allMethods.mkt.presets.paper, 150, [10, 10])).toMatchObject({
      distil: { epochs: 10, schedule: { warmup: { epochs: 1 } } },
      prompt: { epochs: 5, schedule: { warmup: null } },
    });
    expect(scaled('dscl', allMethods.dscl.presets['dscl-pbsd'], 2400, [20, 20])).toMatchObject({
      pretrain: { epochs: 100, schedule: { warmup: { epochs: 5 } } },
      classify: { epochs: 20, schedule: { milestones: [10, 15] } },
    });
  });

  it('of a stage of no epochs leave the draws of the others as they are', async () => {
    const { method } = await resolveText('method: { name: mkt, options: { distil: { epochs: 0 } } }');
    const draws = [31, 7].map((stepsPerEpoch) => ({ stepsPerEpoch }) as Draws);
    expect(trainedDraws({ method }, allMethods.mkt, draws)).toEqual([draws[1]]);
  });
});
