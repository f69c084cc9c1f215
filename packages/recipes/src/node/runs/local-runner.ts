import type { Observer } from '@ltml/train';
import { FeatureStore } from '../../build/feature-store.ts';
import { resolve } from '../../recipe/resolve.ts';
import { build } from '../build.ts';
import { sharedFeatures } from '../features/shared-features.ts';
import { readRecipe } from '../read-recipe.ts';
import { run } from '../run.ts';
import type { Runner, RunOrder, RunWatch } from './runner.ts';

/** Does runs in this process. Consecutive runs of a group share the features of frozen encoders. */
export class LocalRunner implements Runner {
  readonly #given: FeatureStore | undefined;
  #features = new FeatureStore();
  #group: string | undefined;

  /** @param features a store for all runs; left out: each group has its own, which is freed after the group */
  constructor(features?: FeatureStore) {
    this.#given = features;
  }

  async run(
    { group, folder, features, recipe }: RunOrder,
    { onProgress, onWarning, onEvaluation, signal }: RunWatch,
  ): Promise<void> {
    if (group !== this.#group)
      this.#features = new FeatureStore(features === undefined ? features : sharedFeatures(features));
    this.#group = group;
    const { value, locate } = readRecipe(recipe.file, recipe.settings);
    const built = await build(await resolve(value, locate), { locate, features: this.#given ?? this.#features });
    let steps = 1;
    const observer: Observer = {
      onStart({ totalSteps }) {
        steps = totalSteps;
      },
      onStep: ({ step }) => onProgress(step / steps),
      onEpoch({ step, metrics }) {
        if (metrics && step < steps) onEvaluation?.();
      },
    };
    try {
      const result = await run(built, {
        folder,
        resume: true,
        observers: [observer],
        onFeatures: () => onProgress(0),
        ...(onWarning && { onWarning }),
        ...(signal && { signal }),
      });
      if (!result.test) signal?.throwIfAborted();
    } finally {
      built.dispose();
    }
  }
}
