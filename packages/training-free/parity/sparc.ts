import { debias, matchClasses, mergeScores, sparcScores, vocRenames } from '@ltml/training-free';
import type * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs } from '../../tensor/parity/adapter.ts';

function cosinesOf(inputs: ParityInputs) {
  const [ensemble, simple, compound] = ['ensemble', 'simple', 'compound'].map((name) => inputs.tensor(name));
  return { ensemble: ensemble as tf.Tensor2D, simple: simple as tf.Tensor2D, compound: compound as tf.Tensor2D };
}

const match: ParityAdapter = (inputs) => {
  const classes = inputs.json('classes') as string[];
  const named = matchClasses(
    inputs.json('prompts') as string[],
    classes,
    inputs.params.voc ? { renames: vocRenames } : {},
  );
  return { matches: named.map((places) => places.map((place) => classes[place]).sort()) };
};

const debiased: ParityAdapter = (inputs) => {
  const { ensemble, compound } = debias(cosinesOf(inputs));
  return { ensemble_z: ensemble, compound_z: compound };
};

const pca: ParityAdapter = async (inputs) => {
  const { direction, explainedVariance, merged } = await mergeScores(inputs.tensor('scores') as tf.Tensor2D);
  return { direction, merged, explained_variance: explainedVariance };
};

const scores: ParityAdapter = (inputs) => {
  const [C, M] = inputs.host('membership').shape;
  const member = inputs.numbers('membership');
  const places = Array.from({ length: C }, (_, c) =>
    Array.from({ length: M }, (_, m) => m).filter((m) => member[c * M + m] > 0),
  );
  return sparcScores(cosinesOf(inputs), places, { mix: inputs.params.mix as number });
};

export const sparcAdapters: ParityAdapters = {
  sparc_match: match,
  sparc_debias: debiased,
  sparc_pca: pca,
  sparc_scores: scores,
};
