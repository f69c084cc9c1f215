import { captionDistance, captionLoss, cosineLogits, Lmpt, lmptConfigSchema, PromptClassifier } from '@ltml/coop';
import { distributionBalancedLoss } from '@ltml/losses';
import { differentiate, disposeGradients, RandomStreams } from '@ltml/tensor';
import type { StepContext } from '@ltml/tensor/contract';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { matrix } from '../../losses/parity/loss-values.ts';
import type { ParityAdapter, ParityAdapters, ParityInputs } from '../../tensor/parity/adapter.ts';
import { storedPhrase, storedTextTower, storedTokenizer } from './stored-texts.ts';

const lossOf = {
  coco: { negativeScale: 2, mu: 0.2 },
  voc: { negativeScale: 5, mu: 0.3 },
} as const;

const dbFocal: ParityAdapter = (inputs) => {
  const { neg_scale, init_bias, alpha, beta, mu, gamma, balance } = inputs.params as Readonly<Record<string, number>>;
  const statistics = statisticsOf(inputs);
  const labels = matrix(inputs, 'labels');
  const { value, grad } = tf.valueAndGrad((logits) =>
    distributionBalancedLoss(logits as tf.Tensor2D, labels, statistics, {
      reweight: { by: 'rebalance', alpha, beta, mu },
      ntr: { kappa: init_bias, lambda: neg_scale, kappaDividedByLambda: true },
      focal: { gamma, balance, scope: 'batch' },
    }),
  )(inputs.tensor('logits'));
  return { loss: value, grad_logits: grad };
};

function statisticsOf(inputs: ParityInputs) {
  return {
    trainCount: inputs.numbers('train_num')[0],
    classCounts: inputs.numbers('class_freq'),
    cooccurrence: [],
  };
}

const embeddingLoss: ParityAdapter = (inputs) => {
  const {
    m_ctx: shift,
    margin,
    gamma,
    class_aware,
    reading,
  } = inputs.params as {
    readonly [name: string]: number;
  } & { readonly class_aware: boolean; readonly reading: 'paper' | 'code' };
  const [captions, prompts] = ['captions', 'prompts'].map((name) => inputs.tensor(name) as tf.Tensor3D);
  const labels = matrix(inputs, 'labels');
  const classCounts = class_aware && { classCounts: inputs.numbers('class_freq') };
  const { value, grad } = tf.valueAndGrad((b) =>
    captionLoss(captions, b as tf.Tensor3D, labels, { shift, margin, gamma, reading, ...classCounts }),
  )(prompts);
  return { distance: captionDistance(captions, prompts, shift), loss: value, grad_prompts: grad };
};

interface Case {
  readonly classes: readonly string[];
  readonly n_ctx: number;
  readonly word_init?: boolean;
  readonly class_token_position?: 'end' | 'front' | 'middle';
}

const forward: ParityAdapter = (inputs) => {
  const { classes, n_ctx, word_init, class_token_position: namePosition = 'end' } = inputs.params as unknown as Case;
  const textTower = storedTextTower(inputs);
  const contextStart = word_init ? storedPhrase('ids') : null;
  const options = { contextLength: n_ctx, contextStart, namePosition, nameLength: 'first' } as const;
  const parts = { textTower, tokenizer: storedTokenizer(inputs, { ids: n_ctx }) };
  const prompts = new PromptClassifier(classes, parts, options, new RandomStreams(0));
  const { vectors } = prompts.context;
  if (inputs.has('init/ctx')) vectors.variable.assign(inputs.tensor('init/ctx'));
  const scale = Math.exp(inputs.numbers('w/logit_scale')[0]);
  const upstream = inputs.tensor('upstream');
  const logitsOf = (): tf.Tensor2D => cosineLogits(matrix(inputs, 'image_features'), prompts.read(), scale);
  const { loss, gradients } = differentiate(
    () => ({ loss: tf.sum(tf.mul(logitsOf(), upstream)) as tf.Scalar, terms: {} }),
    [vectors],
  );
  const found = {
    // We cut after the longest prompt. The authors' code pads with the embedding of token 0.
    prompts: padded(prompts.embedTokens(), inputs),
    logits: logitsOf(),
    loss,
    grad_ctx: gradients.get(vectors) as tf.Tensor,
  };
  prompts.dispose();
  textTower.dispose();
  return found;
};

function padded(embedded: tf.Tensor3D, inputs: ParityInputs): tf.Tensor {
  const [C, L] = inputs.host('ids').shape;
  const [, M, W] = embedded.shape;
  const behind = tf.slice(inputs.tensor('ids') as tf.Tensor2D, [0, M], [C, L - M]);
  const rows = tf.gather(inputs.tensor('w/token_embedding.weight'), tf.cast(behind, 'int32'));
  return tf.concat([embedded, tf.reshape(rows, [C, L - M, W])], 1);
}

const trainingSteps: ParityAdapter = (inputs) => {
  const stored = inputs.params as unknown as Case & { readonly dataset: 'coco' | 'voc' } & {
    readonly [name in 'lr' | 'lam' | 'm_ctx' | 'margin' | 'momentum' | 'weight_decay']: number;
  };
  const textTower = storedTextTower(inputs);
  const config = lmptConfigSchema.parse({
    contextLength: stored.n_ctx,
    lambda: stored.lam,
    captions: { reading: 'code', shift: stored.m_ctx, margin: stored.margin, classAware: false },
    loss: { ...lossOf[stored.dataset], focal: 'batch' },
    logitScale: Math.exp(inputs.numbers('w/logit_scale')[0]),
    optimizer: { name: 'sgd', learningRate: stored.lr, momentum: stored.momentum, weightDecay: stored.weight_decay },
  });
  const prompts = {
    shape: inputs.host('ids').shape as [number, number],
    ids: Int32Array.from(inputs.numbers('ids')),
    nameLengths: Int32Array.from(stored.classes, () => 1),
    contextLength: stored.n_ctx,
  };
  const [, , features] = inputs.host('image_features').shape;
  const task = { classes: stored.classes, statistics: statisticsOf(inputs) };
  const learner = new Lmpt(task, { features, textTower, prompts }, config, new RandomStreams(0));
  const { vectors } = learner.prompts.context;
  vectors.variable.assign(inputs.tensor('init/ctx'));
  const [stage] = learner.stages;
  const optimizer = stage.optimizer([...learner.trainableParameters()]);
  const context: StepContext = onlyStep();
  const numbers: Record<'losses' | 'class_losses' | 'embedding_losses', number[]> = {
    ...{ losses: [], class_losses: [], embedding_losses: [] },
  };
  const all = ['image_features', 'labels', 'captions'].map((name) => tf.unstack(inputs.tensor(name)));
  for (const [i, images] of all[0].entries()) {
    const labels = all[1][i] as tf.Tensor2D;
    const captions = all[2][i] as tf.Tensor3D;
    const batch = { inputs: { images, captions }, labels, known: tf.onesLike(labels) };
    const apart = captionLoss(captions, learner.prompts.embedTokens(), labels, {
      ...{ reading: 'code', shift: stored.m_ctx, margin: stored.margin },
    });
    const { loss, terms, gradients } = differentiate(() => stage.step(batch, context), [vectors]);
    numbers.losses.push(loss.dataSync()[0]);
    numbers.class_losses.push((terms.classification ?? loss).dataSync()[0]);
    numbers.embedding_losses.push(apart.dataSync()[0]);
    optimizer.step(gradients);
    disposeGradients(gradients);
  }
  const final_ctx = vectors.variable.clone();
  const change_ctx = tf.sub(final_ctx, inputs.tensor('init/ctx'));
  optimizer.dispose();
  learner.dispose();
  textTower.dispose();
  return { ...numbers, final_ctx, change_ctx };
};

export const lmptAdapters: ParityAdapters = {
  lmpt_db_focal: dbFocal,
  lmpt_embedding_loss: embeddingLoss,
  lmpt_forward: forward,
  lmpt_training_steps: trainingSteps,
};
