import { ClipVisionTransformer, clipImage, loadWeights, tensorSource } from '@ltml/backbone';
import {
  distillationLoss,
  freezeLayers,
  lastLayer,
  layerDecayGroups,
  Mkt,
  mktConfigSchema,
  TwoStreamHead,
} from '@ltml/mkt';
import { differentiate, disposeGradients, exportState, type HostTensor, Parameter, RandomStreams } from '@ltml/tensor';
import type { Batch, StepContext } from '@ltml/tensor/contract';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';
import { channelsFirst, channelsLast, inFileOrder } from '../../tensor/parity/stored-module.ts';
import type { Schedule } from './schedule.ts';

interface Sizes {
  readonly resolution: number;
  readonly patch_size: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly embed_dim: number;
  readonly topk: number;
  readonly distill_weight: number;
}

/** The stored name of a parameter of the student. Only the projection has another name. */
const storedName = (name: string): string => `student.${name === 'proj' ? 'projection_dist' : name}`;

/** A stored image tower, whose names start with `prefix`. */
async function storedTower(inputs: ParityInputs, prefix: 'student.' | 'teacher.'): Promise<ClipVisionTransformer> {
  const { resolution, patch_size, width, layers, heads, embed_dim } = inputs.params as unknown as Sizes;
  const tower = new ClipVisionTransformer({
    ...{ imageSize: resolution, patchSize: patch_size, width, layers, heads },
    embedding: embed_dim,
  });
  const stored = inputs.names.filter((name) => name.startsWith(prefix));
  const weights = new Map(
    stored.map((name) => {
      const own = name.slice(prefix.length);
      return [own === 'projection_dist' ? 'proj' : own, inputs.host(name)];
    }),
  );
  await loadWeights(tower, tensorSource(weights), { select: clipImage });
  return tower;
}

interface Training extends Schedule {
  readonly layer_decay: number;
  readonly fix_layer: number;
}

async function storedMkt(inputs: ParityInputs, training: Partial<Training> = {}): Promise<Mkt> {
  const { topk, distill_weight } = inputs.params as unknown as Sizes;
  const labels = inputs.tensor('label_embed') as tf.Tensor2D;
  const config = mktConfigSchema.parse({
    topK: topk,
    localHead: 'encoder',
    distillation: { weight: distill_weight },
    distil: {
      epochs: training.epochs,
      optimizer: { learningRate: training.lr, weightDecay: training.weight_decay },
      schedule: {
        minLearningRate: training.min_lr,
        warmup: training.warmup_epochs === undefined ? undefined : { epochs: training.warmup_epochs },
      },
      layerDecay: training.layer_decay,
      fixLayer: training.fix_layer,
    },
    prompt: { epochs: 0 },
  });
  const classes = Array.from({ length: labels.shape[0] }, (_, c) => `${c}`);
  const task = { classes, statistics: { trainCount: 0, classCounts: [], cooccurrence: [] } };
  const student = await storedTower(inputs, 'student.');
  const teacher = await storedTower(inputs, 'teacher.');
  const parts = { encoder: student, features: student.featureCount, teacher, classEmbeddings: labels };
  const mkt = new Mkt(task, parts, config, new RandomStreams(0));
  // A learner does not dispose its teacher. Here both are disposed together.
  const dispose = mkt.dispose.bind(mkt);
  return Object.assign(mkt, {
    dispose: () => {
      dispose();
      teacher.dispose();
    },
  });
}

/** A batch from labels −1 (absent), 0 (unknown) and 1 (present). */
function batchOf(images: tf.Tensor, labels: tf.Tensor): Batch {
  return {
    inputs: channelsLast(images),
    labels: tf.relu(labels) as tf.Tensor2D,
    known: tf.abs(labels) as tf.Tensor2D,
  };
}

const context: StepContext = onlyStep();

const forwardBackward: ParityAdapter = async (inputs) => {
  const mkt = await storedMkt(inputs);
  const student = mkt.student as unknown as ClipVisionTransformer;
  const batch = batchOf(inputs.tensor('images'), inputs.tensor('labels'));
  const images = new Parameter(tf.clone(batch.inputs));
  const labels = new Parameter(tf.clone(inputs.tensor('label_embed')));
  const parameters = new Map(student.namedParameters());
  const { loss, terms, gradients } = differentiate(
    () => mkt.stages[0].step({ ...batch, inputs: images.variable }, context),
    [images, ...parameters.values()],
  );
  const { features, patches, logits } = mkt.forward(batch.inputs);
  const { tokens, projected } = student.forwardStages(batch.inputs);
  const teacher = await storedTower(inputs, 'teacher.');
  const taught = teacher.forward(batch.inputs);
  const outputs: Record<string, ParityValue | undefined> = {
    features: tokens,
    pred_feat: patches,
    dist_feat: features,
    score: logits,
    teacher_dist_feat: taught.features,
    teacher_patch_feat: taught.patches,
    rank_loss: terms.ranking,
    dist_loss: terms.distillation,
    loss,
    grad_images: channelsFirst(gradients.get(images) as tf.Tensor),
  };
  for (const [name, parameter] of parameters) {
    const gradient = gradients.get(parameter);
    outputs[`grad.${storedName(name)}`] = gradient && inFileOrder(gradient, parameter);
  }
  // Two gradients that the learner does not compute: those of the label embeddings, which are fixed, and of the tokens.
  const byLabels = differentiate(() => {
    const score = mkt.score(mkt.streams({ features, patches }, labels.variable as unknown as tf.Tensor2D));
    return { loss: mkt.rankingLoss(score, batch), terms: {} };
  }, [labels]);
  outputs.grad_label_embed = byLabels.gradients.get(labels);
  const token = new Parameter(tf.clone(tokens));
  const byTokens = differentiate(() => {
    const [B, L, W] = tokens.shape;
    const flat = tf.matMul(tf.reshape(token.variable, [B * L, W]), student.proj.variable as unknown as tf.Tensor2D);
    const [, , D] = projected.shape;
    const moved = tf.reshape<tf.Rank.R3>(flat, [B, L, D]);
    const image = {
      features: tf.reshape<tf.Rank.R2>(tf.slice(moved, [0, 0, 0], [B, 1, D]), [B, D]),
      patches: tf.slice(moved, [0, 1, 0], [B, L - 1, D]),
    };
    const score = mkt.score(mkt.streams(image, inputs.tensor('label_embed') as tf.Tensor2D));
    const distance = distillationLoss(image.features, taught.features);
    return { loss: tf.add(mkt.rankingLoss(score, batch), distance) as tf.Scalar, terms: {} };
  }, [token]);
  outputs.grad_features = byTokens.gradients.get(token);
  for (const owned of [mkt, teacher, images, labels, token]) owned.dispose();
  return outputs;
};

/** Runs the optimiser of a stage on the stored batches, one step per row. */
const trainingSteps: ParityAdapter = async (inputs) => {
  const training = inputs.params as unknown as Training;
  const mkt = await storedMkt(inputs, training);
  const [stage] = mkt.stages;
  const named = [...mkt.trainableParameters()].filter(([name]) => name.search(stage.trains as RegExp) >= 0);
  const optimizer = stage.optimizer(named);
  const schedule = stage.schedule(training.epochs * training.steps_per_epoch);
  const numbers: Record<'rank_loss' | 'dist_loss' | 'batch_size_used' | 'base_lr', number[]> = {
    ...{ rank_loss: [], dist_loss: [], batch_size_used: [], base_lr: [] },
  };
  const [images, labels] = [tf.unstack(inputs.tensor('images')), tf.unstack(inputs.tensor('labels'))];
  for (const [i, stepImages] of images.entries()) {
    const rates = schedule(training.start_epoch * training.steps_per_epoch + i);
    const batch = batchOf(stepImages, labels[i]);
    const { terms, gradients } = differentiate(
      () => mkt.stages[0].step(batch, context),
      named.map(([, parameter]) => parameter),
    );
    numbers.rank_loss.push(terms.ranking.dataSync()[0]);
    numbers.dist_loss.push(terms.distillation.dataSync()[0]);
    numbers.batch_size_used.push(tf.sum(tf.max(batch.labels, 1)).dataSync()[0]);
    numbers.base_lr.push(training.lr * rates.learningRateFactor);
    optimizer.step(gradients, rates);
    disposeGradients(gradients);
  }
  const state = await exportState(mkt);
  const final: Record<string, HostTensor> = {};
  for (const [name, value] of state) {
    const own = name.replace(/^student\./, '');
    final[`final.${storedName(own)}`] = own.endsWith('in_proj_bias') ? withStoredKeys(inputs, own, value) : value;
  }
  optimizer.dispose();
  mkt.dispose();
  return { ...numbers, ...final };
};

/**
 * The exact gradient of the bias of the keys is 0. AdamW turns its rounding errors into steps, so these rows are not
 * compared: they are replaced by the stored ones.
 */
function withStoredKeys(inputs: ParityInputs, name: string, value: HostTensor): HostTensor {
  const stored = `final.${storedName(name)}`;
  if (!inputs.has(stored)) return value;
  const data = Float32Array.from(value.data as ArrayLike<number>);
  const W = data.length / 3;
  data.set(inputs.numbers(stored).slice(W, 2 * W), W);
  return { ...value, data };
}

const parameterGroups: ParityAdapter = (inputs) => {
  const { layers, fix_layer, layer_decay, weight_decay } = inputs.params as Record<string, number>;
  const tower = new ClipVisionTransformer({ imageSize: 2, patchSize: 1, width: 2, heads: 1, layers, embedding: 2 });
  // The authors' code creates the two layers of the local head but does not use them.
  const head = new TwoStreamHead({
    features: 2,
    embedding: 2,
    local: 'mlp',
    random: new RandomStreams(0).stream('init'),
  });
  const local = [...head.namedParameters()].filter(([name]) => name.startsWith('local.'));
  const frozen = freezeLayers(tower, fix_layer);
  const renamed = (name: string): string => storedName(name).slice('student.'.length);
  const parameters = [
    ...[...tower.trainableParameters()].map(([name, parameter]) => [renamed(name), parameter] as const),
    ...local.map(([name, parameter]) => [name.replace('local.', 'projection.'), parameter] as const),
  ];
  const groups = layerDecayGroups(parameters, {
    learningRate: 1,
    weightDecay: weight_decay,
    layerDecay: layer_decay,
    depth: lastLayer(tower),
  }).map(({ parameters: members, learningRate, weightDecay }) => ({
    lr_scale: learningRate,
    weight_decay: weightDecay ?? 0,
    params: [...members].map(([name]) => name),
  }));
  tower.dispose();
  head.dispose();
  return { groups: inStoredOrder(groups, inputs), frozen: sortLike(frozen, inputs.json('frozen') as string[]) };
};

/** A parameter group. (A type, not an interface, because an interface is no JSON value for TypeScript.) */
type Group = {
  readonly lr_scale: number;
  readonly weight_decay: number;
  readonly params: readonly string[];
};

/** Sorts groups, and the names in them, like the stored ones. Their order is not compared. */
function inStoredOrder(groups: readonly Group[], inputs: ParityInputs): Group[] {
  const stored = inputs.json('groups') as Group[];
  const placed = stored.map(({ params }) => groups.find((group) => group.params.includes(params[0])));
  const rest = groups.filter((group) => !placed.includes(group));
  return [...placed, ...rest]
    .filter((group) => group !== undefined)
    .map((group, i) => ({ ...group, params: sortLike(group.params, stored[i]?.params ?? []) }));
}

function sortLike(names: readonly string[], order: readonly string[]): string[] {
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...names].sort((a, b) => place(a) - place(b));
}

export const mktStage1Adapters: ParityAdapters = {
  stage1_forward_backward: forwardBackward,
  stage1_training_steps: trainingSteps,
  layerwise_lr_decay_groups: parameterGroups,
};
