import { classifier } from '@ltml/classifier';
import { cprfl } from '@ltml/cprfl';
import { dscl } from '@ltml/dscl';
import { mkt } from '@ltml/mkt';
import { mlcNc } from '@ltml/mlc-nc';
import { sarb } from '@ltml/sarb';
import { exportState, freezeNetwork } from '@ltml/tensor';
import type { Communicator, Method, MethodParts } from '@ltml/tensor/contract';
import type { Labels } from '@ltml/tensor/labels';
import { type CheckpointOptions, fit } from '@ltml/train';
import { single, tinyMethod } from '../../train/test/tiny-method.ts';

/** Learns slowly, so that what differs in the last digits stays there. */
const slowly = { learningRate: 0.001 };

/** A method at a size for tests, with all that happens between the images of a batch. */
export interface RanksCase {
  readonly method: Method<never, never>;
  readonly config: object;
  readonly labels?: Labels;
}

/** Half of the labels are unknown. */
const partial: Labels = { ...single, known: single.present.map((_, i) => ((i * 7) % 5 < 3 ? 1 : 0)) };

/** Steps come to 50: 12 images are 3 batches of 5, the last of 2. */
const epochs = 17;

export const ranksCases: Readonly<Record<string, RanksCase>> = {
  classifier: {
    method: classifier as never,
    config: { ...Object.values(classifier.presets)[0], epochs, neck: null },
  },
  cprfl: (() => {
    const [preset] = Object.values(cprfl.presets);
    const vsi = preset.vsi && { ...preset.vsi, heads: 2, headWidth: 3, hiddenWidth: 7 };
    const optimizer = { ...preset.optimizer, ...slowly };
    return {
      method: cprfl as never,
      config: { ...preset, width: 6, epochs, optimizer, vsi, schedule: { name: 'constant', warmup: null } },
    };
  })(),
  sarb: (() => {
    const [{ attention, blending, ...preset }] = Object.values(sarb.presets);
    return {
      method: sarb as never,
      labels: partial,
      config: {
        ...preset,
        ...{ epochs, features: 4, optimizer: { ...preset.optimizer, ...slowly } },
        attention: attention.name === 'masks' ? attention : { ...attention, innerFeatures: 3 },
        blending: {
          ...blending,
          from: 1,
          prototypes: blending.prototypes && { ...blending.prototypes, count: 2, every: 1 },
        },
      },
    };
  })(),
  mkt: (() => {
    const [preset] = Object.values(mkt.presets);
    const distil = { ...preset.distil, epochs: 9, schedule: { ...preset.distil.schedule, warmup: null } };
    return {
      method: mkt as never,
      config: {
        ...preset,
        topK: 3,
        distil: { ...distil, fixLayer: Math.min(distil.fixLayer, 0) },
        prompt: { ...preset.prompt, epochs: 8 },
      },
    };
  })(),
  dscl: (() => {
    const [preset] = Object.values(dscl.presets);
    const pretrain = { ...preset.pretrain, epochs: 9, optimizer: { ...preset.pretrain.optimizer, ...slowly } };
    return {
      method: dscl as never,
      config: {
        ...preset,
        ...{ dimension: 5, viewSize: 12, queue: { ...preset.queue, size: 9 } },
        patches: { ...preset.patches, count: 2, size: 8 },
        pretrain: { ...pretrain, schedule: { ...pretrain.schedule, warmup: null } },
        classify: { ...preset.classify, epochs: 8, schedule: { name: 'constant', warmup: null } },
      },
    };
  })(),
  'mlc-nc': (() => {
    const [preset] = Object.values(mlcNc.presets);
    return {
      method: mlcNc as never,
      labels: partial,
      config: { ...preset, epochs, width: 8, projection: 4, heads: 2, alignmentEpochs: 1, averageDecay: 0.5 },
    };
  })(),
};

export interface RanksResult {
  readonly losses: readonly number[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

export interface RanksOptions {
  readonly eager: boolean;
  readonly communicator?: Communicator;
  readonly checkpoints?: CheckpointOptions;
  readonly onStep?: (step: number) => void;
}

/** Trains a case; its encoder's batch norms have fixed statistics, since each rank normalises by its own images. */
export async function trainCase(
  { method, config, labels = single }: RanksCase,
  { eager, communicator, checkpoints, onStep }: RanksOptions,
): Promise<RanksResult> {
  const change = (parts: MethodParts): MethodParts => {
    for (const network of [parts.encoder, parts.keyEncoder]) {
      if (network) freezeNetwork(network, { parameters: null, statistics: '' });
    }
    return parts;
  };
  const { learner, options, dispose } = tinyMethod(method, {
    config: method.configSchema.parse(config),
    ...{ labels, change, batchSize: 5 },
  });
  const losses: number[] = [];
  await fit({
    ...options,
    eager,
    ...(communicator && { communicator }),
    ...(checkpoints && { checkpoints }),
    observers: [
      {
        onStep: ({ loss, step }) => {
          losses.push(loss);
          onStep?.(step);
        },
      },
    ],
  });
  const weights = Object.fromEntries(
    [...(await exportState(learner))].map(([name, { data }]) => [name, Array.from(data, Number)]),
  );
  dispose();
  return { losses, weights };
}
