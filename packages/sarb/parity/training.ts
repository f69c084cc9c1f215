import {
  blendInstances,
  blendPrototypes,
  contrastiveWeight,
  isBlending,
  prototypesDue,
  Sarb,
  sarbConfigSchema,
} from '@ltml/sarb';
import { differentiate, exportState, type HostTensor, importState, Parameter, RandomStreams } from '@ltml/tensor';
import type { StepContext } from '@ltml/tensor/contract';
import { classStatistics } from '@ltml/tensor/labels';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { JsonValue, ParityAdapter, ParityAdapters, ParityInputs } from '../../tensor/parity/adapter.ts';
import { inFileOrder } from '../../tensor/parity/stored-module.ts';
import { chosenPrototypes, pairOrder } from './blending.ts';
import { decode, encode, numbersOf, storedParameters, toOurs, toTheirs } from './stored.ts';

const schedule: ParityAdapter = (inputs) => {
  const { lr, stepEpoch, gamma, mixupEpoch, recomputePrototypeInterval, contrastiveLossWeight } = numbersOf(inputs);
  const epochs = inputs.json('epochs') as number;
  const config = sarbConfigSchema.parse({
    epochs,
    features: 1,
    attention: { name: 'masks' },
    blending: { prototypes: null },
    optimizer: { learningRate: lr },
    schedule: { every: stepEpoch, gamma },
  });
  const statistics = classStatistics({ rows: 1, columns: 1, present: Uint8Array.of(1) });
  const learner = new Sarb({ classes: ['a'], statistics }, { features: 1 }, config, new RandomStreams(1));
  const batches = 7;
  const rates = learner.stages[0].schedule(epochs * batches);
  learner.dispose();
  const each = Array.from({ length: epochs }, (_, epoch) => epoch);
  const from = { from: mixupEpoch, prototypesEvery: recomputePrototypeInterval };
  const weights = inputs.json('contrastive_weight') as readonly {
    epoch: number;
    batchIndex: number;
    batches: number;
  }[];
  return {
    lr: each.map((epoch) => lr * rates(epoch * batches).learningRateFactor),
    blending_active: each.map((epoch) => isBlending(epoch, from)),
    recompute_prototypes_before_epoch: each.filter((epoch) => prototypesDue(epoch, from)),
    contrastive_weight: weights.map(({ epoch, batchIndex, batches }) => ({
      ...{ epoch, batchIndex, batches },
      weight: contrastiveWeight(epoch * batches + batchIndex, batches, contrastiveLossWeight),
    })) as JsonValue,
  };
};

/** Random streams that return the stored draws. */
function storedDraws(inputs: ParityInputs): RandomStreams {
  const K = inputs.host('prototypes').shape[1];
  const draws = [...inputs.numbers('random_field'), ...inputs.numbers('prototype_index').map((k) => (k + 0.5) / K)];
  const streams = {
    blend: { uniform: () => draws.shift() },
    pairs: { shuffle: () => Float32Array.from(pairOrder(inputs)) },
  };
  return { stream: (name: keyof typeof streams) => streams[name] } as unknown as RandomStreams;
}

function createSarb(inputs: ParityInputs, detachLabels: boolean): Sarb {
  const { featureDim, intermediateDim, prototypeNum, timeStep, alpha, beta } = numbersOf(inputs);
  const stored = storedParameters(inputs, ['alpha', 'beta']);
  const [classes, K] = inputs.host('prototypes').shape;
  const config = sarbConfigSchema.parse({
    features: featureDim,
    attention: { name: 'decoupling', innerFeatures: intermediateDim },
    graphSteps: timeStep,
    blending: {
      detachLabels,
      instances: { share: alpha },
      prototypes: {
        share: beta,
        count: prototypeNum,
        draw: inputs.host('prototype_index').shape[0] === 1 ? 'batch' : 'image',
      },
    },
    contrastive: { weight: inputs.params.contrastiveWeight },
  });
  const statistics = classStatistics({ rows: 1, columns: classes, present: new Uint8Array(classes) });
  const channels = inputs.host('feature_map').shape[1];
  const words = inputs.tensor('param.wordFeatures') as tf.Tensor2D;
  const task = { classes: Array.from({ length: classes }, (_, c) => `${c}`), statistics };
  const learner = new Sarb(
    task,
    { features: channels, classEmbeddings: words, trainingSet: async function* () {} },
    config,
    new RandomStreams(1),
  );
  importState(
    learner,
    new Map([
      ...stored,
      ['GraphNeuralNetwork.adjacency', inputs.host('adjacency')],
      ['prototypes', inputs.host('prototypes')],
      ['prototypeCounts', { dtype: 'F32', shape: [classes], data: new Float32Array(classes).fill(K) }],
      ...['running_mean', 'running_var'].map((name, i): [string, HostTensor] => [
        `changeChannel.1.${name}`,
        { dtype: 'F32', shape: [featureDim], data: new Float32Array(featureDim).fill(i) },
      ]),
    ]),
    { partial: true },
  );
  return learner.train();
}

const sarbTrainStep: ParityAdapter = async (inputs) => {
  const map = new Parameter(toOurs(inputs.tensor('feature_map')));
  const known = decode(inputs.tensor('labels'));
  const batch = { ...known, inputs: map.variable };
  const run = (learner: Sarb) => {
    const context: StepContext = { ...onlyStep(storedDraws(inputs)), step: 5, totalSteps: 20, epoch: 5, epochs: 20 };
    return differentiate(
      () => learner.stages[0].step(batch, context),
      [map, ...[...learner.trainableParameters()].map(([, parameter]) => parameter)],
    );
  };
  const detached = createSarb(inputs, true);
  const detachedRun = run(detached);
  const learner = createSarb(inputs, false);
  const { loss, terms, gradients } = run(learner);
  const state = await exportState(learner);
  const evaluated = learner.eval().forward(map.variable).logits;
  const { features, logits } = learner.train().forward(map.variable);
  const instances = blendInstances({ ...known, features }, { alpha: learner.alpha!.variable });
  const { chosen } = chosenPrototypes(inputs, known.known);
  const prototypes = blendPrototypes({ ...known, features }, chosen, { beta: learner.beta!.variable });
  const scalar = (x: tf.Tensor | undefined): tf.Tensor | undefined => x && tf.reshape(x, [1]);
  const named = [...learner.trainableParameters()].map(([name, parameter]) => {
    const gradient = gradients.get(parameter);
    const stored = gradient && (gradient.rank === 0 ? scalar(gradient) : inFileOrder(gradient, parameter));
    return [`grad.${name}`, stored] as const;
  });
  const outputs = {
    ...Object.fromEntries(named),
    semantic_feature: features,
    logits,
    ilrb_features: instances.features,
    ilrb_logits: learner.classify(instances.features),
    ilrb_labels: encode(instances),
    plrb_features: prototypes.features,
    plrb_logits: learner.classify(prototypes.features),
    plrb_labels: encode(prototypes),
    loss_bce: scalar(terms.bce),
    loss_contrastive_weighted: scalar(terms.contrastive),
    loss_ilrb: scalar(terms.instances),
    loss_plrb: scalar(terms.prototypes),
    loss_total: scalar(loss),
    eval_logits: evaluated,
    'grad.feature_map': toTheirs(gradients.get(map) as tf.Tensor),
    'grad_labels_detached.alpha': scalar(detachedRun.gradients.get(detached.alpha!)),
    'grad_labels_detached.beta': scalar(detachedRun.gradients.get(detached.beta!)),
    bn_running_mean_after: state.get('changeChannel.1.running_mean'),
    bn_running_var_after: state.get('changeChannel.1.running_var'),
  };
  for (const module of [learner, detached]) module.dispose();
  map.dispose();
  return outputs;
};

/** Comparisons of SARB's schedule, and of a whole training step with stored random draws. */
export const sarbTrainingAdapters: ParityAdapters = { schedule, sarbTrainStep };
