import { describe, expect, it } from 'vitest';
import { shareSteps, withSteps } from '../src/build/steps.ts';
import { build } from '../src/node/build.ts';
import { allMethods } from './all-methods.ts';
import { resolveText } from './resolve-text.ts';

const small = 'loss: { name: focal }\nfeatures: { views: 0 }';

describe('steps', () => {
  it('are as many as the recipe says, whatever an epoch is', async () => {
    for (const [sampler, perEpoch, images] of [
      ['uniform', 31, 978],
      ['class-aware', undefined, undefined],
    ] as const) {
      const recipe = await resolveText(`${small}\nsteps: 200\nsampler: { name: ${sampler} }`);
      const built = await build(recipe);
      const [{ epochs, steps, imagesPerEpoch }] = built.stages;
      expect(steps).toBe(200);
      expect(built.learner.stages[0].epochs).toBe(epochs);
      expect(epochs).toBe(Math.ceil(200 / built.loader.batchesPerEpoch));
      if (perEpoch) expect([built.loader.batchesPerEpoch, imagesPerEpoch]).toEqual([perEpoch, images]);
      else expect(imagesPerEpoch).toBeGreaterThan(2000);
      // What is kept of the run is a recipe again, of the same length.
      expect(built.recipe.method.options).toEqual(recipe.method.options);
      built.dispose();
    }
  });

  it('are parted among stages by their lengths, one for each at least', () => {
    expect(shareSteps(33, [100, 50])).toEqual([22, 11]);
    expect(shareSteps(10, [31, 62, 0, 31])).toEqual([3, 5, 0, 2]);
    expect(shareSteps(3, [1, 1000, 1])).toEqual([1, 1, 1]);
    expect(shareSteps(7, [1000, 1, 1])).toEqual([5, 1, 1]);
    expect(() => shareSteps(1, [4, 4])).toThrow('at least 2, one for each stage');
  });

  it('take along what a method counts in epochs', () => {
    const scaled = (name: string, options: object, steps: readonly number[], perEpoch: readonly number[]) =>
      withSteps(allMethods[name], options, steps, perEpoch);
    const { 'distribution-balanced': db } = allMethods.classifier.presets;
    const schedule = { name: 'multiStep', milestones: [5, 7] };
    expect(scaled('classifier', { ...db, schedule }, [400], [100])).toEqual({
      ...db,
      epochs: 4,
      schedule: { name: 'multiStep', milestones: [2.5, 3.5] },
    });
    expect(scaled('cprfl', allMethods.cprfl.presets['coco-lt'], [150], [10])).toMatchObject({
      epochs: 15,
      schedule: { epochs: 40 },
    });
    expect(scaled('sarb', allMethods.sarb.presets.sarb, [100], [10])).toMatchObject({
      epochs: 10,
      blending: { from: 3, prototypes: { every: 3 } },
      schedule: { every: 5 },
    });
    expect(scaled('mkt', allMethods.mkt.presets.paper, [100, 50], [10, 10])).toMatchObject({
      distil: { epochs: 10, schedule: { warmup: { epochs: 1 } } },
      prompt: { epochs: 5, schedule: { warmup: null } },
    });
    expect(scaled('dscl', allMethods.dscl.presets['dscl-pbsd'], [2000, 400], [20, 20])).toMatchObject({
      pretrain: { epochs: 100, schedule: { warmup: { epochs: 5 } } },
      classify: { epochs: 20, schedule: { milestones: [10, 15] } },
    });
  });
});
