import { ClipTextTransformer, clipText, loadWeights, tensorSource } from '@ltml/backbone';
import { type LabelPrompts, Mkt, mktConfigSchema, Prompt } from '@ltml/mkt';
import { differentiate, disposeGradients, Parameter, RandomStreams } from '@ltml/tensor';
import type { StepContext } from '@ltml/tensor/contract';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs } from '../../tensor/parity/adapter.ts';
import type { Schedule } from './schedule.ts';

interface Sizes {
  readonly context_length: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly embed_dim: number;
  readonly vocab_size: number;
  readonly label_names: readonly string[];
}

const towerWeights = /^(positional_embedding|text_projection|ln_final\.|transformer\.)/;

async function storedTower(inputs: ParityInputs): Promise<ClipTextTransformer> {
  const { context_length, width, layers, heads, embed_dim, vocab_size } = inputs.params as unknown as Sizes;
  const tower = new ClipTextTransformer({
    ...{ vocabularySize: vocab_size, contextLength: context_length, width, layers, heads },
    embedding: embed_dim,
  });
  const weights = new Map(
    inputs.names.filter((name) => towerWeights.test(name)).map((name) => [name, inputs.host(name)]),
  );
  weights.set('token_embedding.weight', inputs.host('initial_token_embedding'));
  await loadWeights(tower, tensorSource(weights), { select: clipText });
  return tower.eval();
}

/** The stored template has three words before the name and three after it. */
function storedPrompts(inputs: ParityInputs): LabelPrompts {
  const [C, M] = inputs.host('token_ids').shape;
  return {
    shape: [C, M],
    ids: Int32Array.from(inputs.numbers('token_ids')),
    nameLengths: Int32Array.from(inputs.numbers('name_lens')),
    contextLengths: [3, 3],
  };
}

/** Start, context and end of the prompt from a token table, in the stored order. */
function contextRows(table: tf.Tensor, inputs: ParityInputs): tf.Tensor2D {
  return tf.gather(table, tf.tensor1d(inputs.numbers('context_ids'), 'int32')) as tf.Tensor2D;
}

/** The values or gradients of the prompt in that order. */
function inOrder(context: tf.Tensor, boundary: tf.Tensor): tf.Tensor {
  return tf.concat([tf.slice(boundary, [0, 0], [1, -1]), context, tf.slice(boundary, [1, 0], [1, -1])]);
}

const textEncoder: ParityAdapter = async (inputs) => {
  const tower = await storedTower(inputs);
  const prompts = storedPrompts(inputs);
  const prompt = new Prompt(tower, prompts);
  const rows = contextRows(inputs.tensor('token_embedding'), inputs);
  const words = prompt.context.shape[0];
  prompt.context.variable.assign(tf.slice(rows, [1, 0], [words, -1]));
  prompt.boundary.variable.assign(
    tf.concat([tf.slice(rows, [0, 0], [1, -1]), tf.slice(rows, [words + 1, 0], [1, -1])]),
  );
  const { loss, gradients } = differentiate(
    () => ({ loss: tf.sum(tf.mul(prompt.forward(prompts), inputs.tensor('upstream'))), terms: {} }),
    [prompt.context, prompt.boundary],
  );
  const outputs = {
    prompt_embeddings: withStoredPadding(prompt.embedTokens(prompts), inputs),
    eot_index: tf.argMax(inputs.tensor('token_ids'), 1),
    text_features: prompt.forward(prompts),
    loss,
    grad_context: inOrder(gradients.get(prompt.context) as tf.Tensor, gradients.get(prompt.boundary) as tf.Tensor),
  };
  prompt.dispose();
  tower.dispose();
  return outputs;
};

/**
 * Tokens after the end do not affect the embedding. The authors take them from the tuned table, we take them from the
 * tower's own table. This function replaces ours by theirs.
 */
function withStoredPadding(embedded: tf.Tensor3D, inputs: ParityInputs): tf.Tensor {
  const ids = inputs.tensor('token_ids');
  const [C, M, W] = embedded.shape;
  const ends = tf.reshape(tf.argMax(ids, 1), [C, 1, 1]);
  const behind = tf.greater(tf.reshape(tf.range(0, M, 1, 'int32'), [1, M, 1]), ends);
  const stored = tf.gather(inputs.tensor('token_embedding'), tf.cast(ids, 'int32'));
  return tf.where(tf.tile(behind, [1, 1, W]), stored, embedded);
}

interface Training extends Schedule {
  readonly topk: number;
}

const promptTuning: ParityAdapter = async (inputs) => {
  const training = inputs.params as unknown as Training & Sizes;
  const tower = await storedTower(inputs);
  const prompts = storedPrompts(inputs);
  const config = mktConfigSchema.parse({
    topK: training.topk,
    localHead: 'encoder',
    distil: { epochs: 0 },
    prompt: {
      epochs: training.epochs,
      optimizer: { learningRate: training.lr, weightDecay: training.weight_decay },
      schedule: { minLearningRate: training.min_lr, warmup: { epochs: training.warmup_epochs } },
      tuneBoundaryTokens: true,
    },
  });
  const task = {
    classes: training.label_names,
    statistics: { trainCount: 0, classCounts: [], cooccurrence: [] },
  };
  const parts = { features: training.embed_dim, textTower: tower, prompts };
  const mkt = new Mkt(task, parts, config, new RandomStreams(0));
  const { context, boundary } = mkt.prompt as Prompt;
  const [stage] = mkt.stages;
  const named = [...mkt.trainableParameters()].filter(([name]) => name.search(stage.trains as RegExp) >= 0);
  // The authors' optimiser updates the whole table. Its other rows have no gradient, and only weight decay changes
  // them.
  const table = new Parameter(tf.clone(inputs.tensor('initial_token_embedding')));
  const optimizer = stage.optimizer([...named, ['table', table]]);
  const schedule = stage.schedule(training.epochs * training.steps_per_epoch);
  const stepContext: StepContext = onlyStep();
  const numbers: Record<'rank_loss' | 'lr', number[]> = { rank_loss: [], lr: [] };
  const contextGradients: tf.Tensor[] = [];
  let last: tf.Tensor | undefined;
  const labels = tf.unstack(inputs.tensor('labels'));
  const patches = tf.unstack(inputs.tensor('patch_feat'));
  const features = tf.unstack(inputs.tensor('cls_feat'));
  for (const [i, stepLabels] of labels.entries()) {
    const rates = schedule(training.start_epoch * training.steps_per_epoch + i);
    const batch = {
      inputs: tf.concat([tf.expandDims(features[i], 1), patches[i]], 1),
      labels: tf.relu(stepLabels) as tf.Tensor2D,
      known: tf.abs(stepLabels) as tf.Tensor2D,
    };
    const { terms, gradients } = differentiate(
      () => stage.step(batch, stepContext),
      named.map(([, parameter]) => parameter),
    );
    contextGradients.push(inOrder(gradients.get(context) as tf.Tensor, gradients.get(boundary) as tf.Tensor));
    if (i === labels.length - 1) {
      stage.beforeEvaluation?.();
      last = labelledScores(mkt.eval().predict(batch.inputs), batch.labels);
    }
    numbers.rank_loss.push(terms.ranking.dataSync()[0]);
    numbers.lr.push(training.lr * rates.learningRateFactor);
    optimizer.step(new Map([...gradients, [table, tf.zerosLike(table.variable)]]), rates);
    disposeGradients(gradients);
  }
  const final = inOrder(context.variable, boundary.variable);
  const rows = inputs.numbers('context_ids');
  const shrunk = tf.unstack(table.variable);
  for (const [i, row] of tf.unstack(final).entries()) shrunk[rows[i]] = row;
  const outputs = {
    ...numbers,
    grad_context_step0: contextGradients[0],
    grad_context_last: contextGradients.at(-1),
    logits_last: last,
    final_context: final,
    final_token_embedding: tf.stack(shrunk),
  };
  optimizer.dispose();
  for (const owned of [mkt, tower, table]) owned.dispose();
  return outputs;
};

/** The rows of images with a positive. The authors' batch has no others. */
function labelledScores(scores: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor {
  const labelled = [...tf.max(labels, 1).dataSync()].flatMap((positive, row) => (positive > 0 ? [row] : []));
  return tf.gather(scores, tf.tensor1d(labelled, 'int32'));
}

export const mktStage2Adapters: ParityAdapters = {
  prompt_text_encoder: textEncoder,
  stage2_prompt_tuning_steps: promptTuning,
};
