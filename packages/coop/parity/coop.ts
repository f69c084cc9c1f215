import { AttentionPool, interpolatePositions } from '@ltml/backbone';
import {
  Coop,
  coopConfigSchema,
  poolPlaces,
  presenceLogits,
  presenceLoss,
  VisionOnly,
  VisionOnlyHead,
  visionOnlyConfigSchema,
} from '@ltml/coop';
import {
  differentiate,
  disposeGradients,
  importState,
  Parameter,
  RandomStream,
  RandomStreams,
  type Schedule,
} from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type { Learner, StepContext } from '@ltml/tensor/contract';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { matrix, unknownIsMinusOne } from '../../losses/parity/loss-values.ts';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';
import { channelsLast, inFileOrder, storedWeights } from '../../tensor/parity/stored-module.ts';
import { storedPhrase, storedTextTower, storedTokenizer } from './stored-texts.ts';

/** Stored [B, D, P] ↔ ours [B, P, D]. */
const turned = (z: tf.Tensor): tf.Tensor3D => tf.transpose(z as tf.Tensor3D, [0, 2, 1]);

const denseMap: ParityAdapter = (inputs) => {
  const map = channelsLast(inputs.tensor('x')) as tf.Tensor4D;
  const [, h, w, width] = map.shape;
  const weights = storedWeights(inputs);
  const positions = weights.get('positional_embedding')!;
  weights.set('positional_embedding', interpolatePositions(positions, [h, w], undefined, squareOf(positions.shape[0])));
  const [embedding] = inputs.host('w/c_proj.weight').shape;
  const pool = new AttentionPool({ grid: [h, w], width, heads: 1, embedding, random: undefined });
  importState(pool, weights);
  const z = turned(pool.projectPlaces(map));
  pool.dispose();
  return { z };
};

function squareOf(rows: number): [number, number] {
  const side = Math.round(Math.sqrt(rows - 1));
  return [side, side];
}

const aggregate: ParityAdapter = (inputs) => {
  const { cosine_scale: cosineScale, output_scale: outputScale } = inputs.params as Readonly<Record<string, number>>;
  const [C2, D] = inputs.host('text').shape;
  const upstream = inputs.tensor('upstream');
  const logitsOf = (z: tf.Tensor, text: tf.Tensor): tf.Tensor => {
    const [absent, present] = [0, C2 / 2].map((from) => tf.slice(text as tf.Tensor2D, [from, 0], [C2 / 2, D]));
    return stacked(poolPlaces(turned(z), { absent, present }, { cosineScale, outputScale }));
  };
  const given = [inputs.tensor('z'), inputs.tensor('text')];
  const { value, grads } = tf.valueAndGrads((z, text) => tf.sum(tf.mul(logitsOf(z, text), upstream)) as tf.Scalar)(
    given,
  );
  return { logits: logitsOf(given[0], given[1]), loss: value, grad_z: grads[0], grad_text: grads[1] };
};

/** [B, 2, C] */
function stacked({ absent, present }: { readonly absent: tf.Tensor2D; readonly present: tf.Tensor2D }): tf.Tensor {
  return tf.stack([absent, present], 1);
}

const asymmetric: ParityAdapter = (inputs) => {
  const { gamma_pos, gamma_neg, clip } = inputs.params as Readonly<Record<string, number>>;
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const options = { known, gammaPositive: gamma_pos, gammaNegative: gamma_neg, clip, weight: 1 };
  const { value, grad } = tf.valueAndGrad((logits) => {
    const [absent, positive] = tf.unstack(logits, 1) as tf.Tensor2D[];
    return presenceLoss(presenceLogits({ absent, present: positive }), present, options);
  })(inputs.tensor('logits'));
  return { loss: value, grad_logits: grad };
};

const baselineHead: ParityAdapter = (inputs) => {
  const [outputs, features] = inputs.host('weight').shape;
  const random = new RandomStream(0);
  const outputScale = inputs.params.output_scale as number;
  const head = new VisionOnlyHead({ features, classes: outputs / 2, outputScale, random });
  const { weight, bias } = head.linear_layer;
  weight.variable.assign(tf.transpose(inputs.tensor('weight')));
  bias?.variable.assign(inputs.tensor('bias'));
  const z = new Parameter(turned(inputs.tensor('z')));
  const upstream = inputs.tensor('upstream');
  const logitsOf = (): tf.Tensor => stacked(head.forward(z.variable as tf.Tensor as tf.Tensor3D));
  const parameters = [z, weight, bias as Parameter];
  const { loss, gradients } = differentiate(
    () => ({ loss: tf.sum(tf.mul(logitsOf(), upstream)) as tf.Scalar, terms: {} }),
    parameters,
  );
  const [byPlaces, byWeight, byBias] = parameters.map((parameter) => gradients.get(parameter) as tf.Tensor);
  const found = {
    ...{ logits: logitsOf(), loss, grad_z: turned(byPlaces), grad_weight: tf.transpose(byWeight), grad_bias: byBias },
  };
  head.dispose();
  z.dispose();
  return found;
};

interface Rates {
  readonly lr: number;
  readonly max_epoch: number;
  readonly warmup_epochs: number;
  readonly warmup_lr: number;
}

function training({ lr, max_epoch, warmup_epochs, warmup_lr }: Rates, weightDecay = 0) {
  const warmup = warmup_epochs === 0 ? null : { epochs: warmup_epochs, learningRate: warmup_lr };
  return {
    epochs: max_epoch,
    optimizer: { name: 'sgd', learningRate: lr, momentum: 0.9, weightDecay },
    schedule: { name: 'cosine', by: 'epoch', epochs: max_epoch, warmup },
  };
}

/** The learning rate of a parameter group at a step. */
function rateAt(schedule: Schedule, step: number, own: number): number {
  const { learningRate, learningRateFactor } = schedule(step);
  return learningRate ?? own * learningRateFactor;
}

const schedules: ParityAdapter = (inputs) => {
  const factor = inputs.params.group_factor as number;
  const cases = inputs.json('cases') as readonly Rates[];
  const perEpoch = (group: number) =>
    cases.map((rates) => {
      const schedule = trainingOf(visionOnlyConfigSchema.parse(training(rates))).schedule(rates.max_epoch * 7);
      return Array.from({ length: rates.max_epoch }, (_, epoch) => rateAt(schedule, epoch * 7 + 6, rates.lr * group));
    });
  return { lr_per_epoch: perEpoch(1), lr_per_epoch_scaled_group: perEpoch(factor) };
};

interface Case extends Rates {
  readonly method: 'dualcoop' | 'positivecoop' | 'negativecoop' | 'baseline';
  readonly classes: readonly string[];
  readonly n_ctx_pos: number;
  readonly n_ctx_neg: number;
  readonly per_class: boolean;
  readonly class_subset?: readonly number[] | null;
  readonly loss_weight: number;
  readonly gamma_pos: number;
  readonly gamma_neg: number;
  readonly word_init?: boolean;
  readonly weight_decay?: number;
}

const promptsOf = { dualcoop: 'both', positivecoop: 'positive', negativecoop: 'negative', baseline: 'both' } as const;
const noStatistics = { trainCount: 0, classCounts: [], cooccurrence: [] };

/** The learner of a case with its stored initial values, and its trained parameters under the names of the file. */
function storedCoop(inputs: ParityInputs, schedule: object = {}) {
  const stored = inputs.params as unknown as Case;
  const { method, classes, n_ctx_pos, n_ctx_neg, per_class, loss_weight, gamma_pos, gamma_neg } = stored;
  const textTower = storedTextTower(inputs);
  const contexts = { ids_pos: n_ctx_pos, ids_neg: n_ctx_neg };
  const config = coopConfigSchema.parse({
    prompts: promptsOf[method],
    contextLength: { positive: n_ctx_pos, negative: n_ctx_neg },
    perClass: per_class,
    contextStart: stored.word_init ? { positive: storedPhrase('ids_pos'), negative: storedPhrase('ids_neg') } : null,
    loss: { weight: loss_weight, gammaPositive: gamma_pos, gammaNegative: gamma_neg },
    contextRateFactor: method === 'dualcoop' ? 1 : 0.01,
    ...schedule,
  });
  const [, features] = inputs.host('w/text_projection').shape;
  const parts = { features, textTower, tokenizer: storedTokenizer(inputs, contexts) };
  const learner = new Coop({ classes, statistics: noStatistics }, parts, config, new RandomStreams(0));
  const { positive, negative, free, extra } = learner.classes;
  const named: Record<string, Parameter | undefined> = {
    ctx_pos: positive?.vectors,
    ctx_neg: negative?.vectors,
    [method === 'positivecoop' ? 'txt_prompt_neg' : 'txt_prompt_pos']: free,
    txt_prompt_learn: extra,
  };
  assignStored(inputs, named);
  return { learner, named, textTower };
}

function assignStored(inputs: ParityInputs, named: Readonly<Record<string, Parameter | undefined>>): void {
  for (const [name, parameter] of Object.entries(named)) {
    if (!parameter || !inputs.has(`init/${name}`)) continue;
    const value = inputs.tensor(`init/${name}`);
    parameter.variable.assign(parameter.layout === 'OI' ? tf.transpose(value) : value);
  }
}

const forward: ParityAdapter = (inputs) => {
  const { class_subset: subset } = inputs.params as unknown as Case;
  const { learner, named, textTower } = storedCoop(inputs);
  const { positive, negative } = learner.classes;
  const chosen = subset ? tf.tensor1d([...subset], 'int32') : undefined;
  const some = (x: tf.Tensor2D): tf.Tensor2D => (chosen ? tf.gather(x, chosen, 1) : x);
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const places = turned(inputs.tensor('z'));
  const classify = () => learner.classify(places, learner.classes.embeddings(chosen));
  const parameters = Object.values(named).filter((parameter) => parameter !== undefined);
  const { loss, gradients } = differentiate(
    () => ({
      loss: presenceLoss(classify().logits, some(present), { ...learner.config.loss, known: some(known) }),
      terms: {},
    }),
    parameters,
  );
  const texts = [negative, positive].flatMap((of) => (of ? [of.read(chosen)] : []));
  const found: Record<string, ParityValue> = {
    text_features: tf.concat(texts),
    logits: stacked(classify()),
    loss,
  };
  for (const [name, parameter] of Object.entries(named)) {
    if (parameter) found[`grad_${name}`] = gradients.get(parameter) as tf.Tensor;
  }
  learner.dispose();
  textTower.dispose();
  return found;
};

function storedBaseline(inputs: ParityInputs, schedule: object) {
  const { classes, loss_weight, gamma_pos, gamma_neg } = inputs.params as unknown as Case;
  const loss = { weight: loss_weight, gammaPositive: gamma_pos, gammaNegative: gamma_neg };
  const config = visionOnlyConfigSchema.parse({ loss, ...schedule });
  const [, features] = inputs.host('init/linear_layer.weight').shape;
  const learner = new VisionOnly({ classes, statistics: noStatistics }, { features }, config, new RandomStreams(0));
  const { weight, bias } = learner.head.linear_layer;
  const named: Record<string, Parameter | undefined> = { 'linear_layer.weight': weight, 'linear_layer.bias': bias };
  assignStored(inputs, named);
  return { learner, named, textTower: undefined };
}

const trainingSteps: ParityAdapter = (inputs) => {
  const stored = inputs.params as unknown as Case & { readonly steps_per_epoch: number };
  const isBaseline = stored.method === 'baseline';
  // The authors' baseline trains at a hundredth of the learning rate.
  const rates = isBaseline ? { ...stored, lr: stored.lr * 0.01 } : stored;
  const schedule = training(rates, stored.weight_decay);
  const { learner, named, textTower } = isBaseline ? storedBaseline(inputs, schedule) : storedCoop(inputs, schedule);
  const found = trainAsStored(inputs, learner, named, stored.max_epoch * stored.steps_per_epoch);
  learner.dispose();
  textTower?.dispose();
  return found;
};

function trainAsStored(
  inputs: ParityInputs,
  learner: Learner,
  named: Readonly<Record<string, Parameter | undefined>>,
  totalSteps: number,
): Record<string, ParityValue> {
  const [stage] = learner.stages;
  const trained = [...learner.trainableParameters()];
  const optimizer = stage.optimizer(trained);
  const rates = stage.schedule(totalSteps);
  const context: StepContext = { ...onlyStep(), totalSteps };
  const found: Record<string, ParityValue> = {};
  const start = new Map(Object.entries(named).map(([name, parameter]) => [name, parameter?.variable.clone()]));
  const losses: number[] = [];
  const all = tf.unstack(inputs.tensor('z'));
  const labels = tf.unstack(inputs.tensor('labels')) as tf.Tensor2D[];
  for (const [i, z] of all.entries()) {
    const { present, known } = unknownIsMinusOne(labels[i]);
    const batch = { inputs: turned(z), labels: present, known };
    const { loss, gradients } = differentiate(
      () => stage.step(batch, context),
      trained.map(([, parameter]) => parameter),
    );
    losses.push(loss.dataSync()[0]);
    if (i === 0) {
      for (const [name, parameter] of Object.entries(named)) {
        if (parameter) found[`grad_first_${name}`] = inFileOrder(gradients.get(parameter)!.clone(), parameter);
      }
    }
    optimizer.step(gradients, rates(i));
    disposeGradients(gradients);
  }
  for (const [name, parameter] of Object.entries(named)) {
    if (!parameter) continue;
    found[`final_${name}`] = inFileOrder(parameter.variable.clone(), parameter);
    found[`change_${name}`] = inFileOrder(tf.sub(parameter.variable, start.get(name)!), parameter);
  }
  optimizer.dispose();
  const { lr, method } = inputs.params as unknown as Case;
  const own = method === 'dualcoop' ? [lr] : method === 'baseline' ? [lr * 0.01] : [lr * 0.01, lr];
  found.losses = losses;
  found.lr = losses.flatMap((_, i) => own.map((group) => rateAt(rates, i, group)));
  return found;
}

export const coopAdapters: ParityAdapters = {
  dualcoop_dense_map: denseMap,
  dualcoop_aggregate: aggregate,
  dualcoop_asl: asymmetric,
  dualcoop_lr: schedules,
  dualcoop_forward: forward,
  dualcoop_training_steps: trainingSteps,
  positivecoop_baseline_head: baselineHead,
};
