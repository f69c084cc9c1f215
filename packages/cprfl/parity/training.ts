import { cprfl, cprflConfigSchema } from '@ltml/cprfl';
import { BatchNorm, Conv2d, differentiate, Ema, exportState, Module, RandomStream } from '@ltml/tensor';
import type { EncoderOutput, Learner, MapEncoder } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs } from '../../tensor/parity/adapter.ts';
import { channelsLast } from '../../tensor/parity/stored-module.ts';
import { asymmetric, type FileName, inHead, layerOptions, load, numbersOf, unweighted } from './stored.ts';

/** The encoder of the training fixtures: one convolution with batch norm. */
class TinyEncoder extends Module implements MapEncoder {
  readonly conv: Conv2d;
  readonly bn: BatchNorm;

  constructor(channels: number) {
    super();
    const window = { kernel: 3, stride: 2, padding: 1, bias: false } as const;
    this.conv = new Conv2d({ inChannels: 3, outChannels: channels, ...window, random: new RandomStream(0) });
    this.bn = new BatchNorm({ channels });
  }

  forward(images: tf.Tensor): EncoderOutput & { readonly featureMap: tf.Tensor4D } {
    const featureMap = tf.relu(this.bn.forward(this.conv.forward(images as tf.Tensor4D)));
    return { featureMap, features: tf.mean<tf.Tensor2D>(featureMap, [1, 2]) };
  }
}

function storedLearner(inputs: ParityInputs): Learner {
  const { c, d, d0, max_lr, weight_decay, ema_decay, onecycle_epochs, backbone_lr_scale } = numbersOf(inputs);
  const { width, random, ...vsi } = layerOptions(inputs);
  const config = cprflConfigSchema.parse({
    width: d,
    vsi,
    epochs: 1,
    schedule: { epochs: onecycle_epochs },
    optimizer: { learningRate: max_lr, weightDecay: weight_decay },
    averageDecay: ema_decay,
    encoder: { learningRateScale: backbone_lr_scale },
  });
  const task = { classes: Array.from({ length: c }, (_, i) => `${i}`), statistics: unweighted };
  const classEmbeddings = inputs.tensor('in.text_embeddings') as tf.Tensor2D;
  const parts = { encoder: new TinyEncoder(d0), features: d0, classEmbeddings };
  return load(cprfl.create(task, parts, config, random), inputs, 'param.init.', inLearner);
}

/** The authors' code calls the encoder its backbone. */
const inLearner: FileName = (name) =>
  name.startsWith('encoder.') ? name.replace('encoder', 'backbone') : inHead(false)(name.replace(/^head\./, ''));

/**
 * Trains some steps with the optimiser and schedule of the learner's stage. Records the averaged weights' logits after
 * each.
 */
const trainSteps: ParityAdapter = async (inputs) => {
  const { steps, steps_per_epoch, max_lr, ema_decay } = numbersOf(inputs);
  const learner = storedLearner(inputs);
  const [stage] = learner.stages;
  const named = [...learner.trainableParameters()];
  const optimizer = stage.optimizer(named);
  const schedule = stage.schedule(steps_per_epoch);
  const average = new Ema(learner, { decay: stage.averageDecay ?? ema_decay });
  const batches = tf.unstack(inputs.tensor('in.images')).map(channelsLast);
  const targets = tf.unstack(inputs.tensor('in.targets')) as tf.Tensor2D[];
  const columns: Record<'loss' | 'ema_loss' | 'logits_train' | 'logits_ema', tf.Tensor[]> = {
    loss: [],
    ema_loss: [],
    logits_train: [],
    logits_ema: [],
  };
  for (let step = 0; step < steps; step++) {
    const [images, labels] = [batches[step], targets[step]];
    const known = tf.onesLike(labels);
    const { loss, gradients } = differentiate(
      () => {
        const logits = learner.predict(images);
        columns.logits_train.push(tf.keep(logits.clone()));
        return { loss: asymmetric(logits, labels, known), terms: {} };
      },
      named.map(([, parameter]) => parameter),
    );
    optimizer.step(gradients, schedule(step));
    average.update();
    average.swap();
    const logits = learner.eval().predict(images);
    columns.logits_ema.push(logits);
    columns.ema_loss.push(asymmetric(logits, labels, known));
    columns.loss.push(loss);
    average.swap();
    learner.train();
  }
  const rates = Array.from({ length: steps }, (_, step) => schedule(step));
  const stored = (prefix: string, state: Awaited<ReturnType<typeof exportState>>) =>
    Object.fromEntries([...state].map(([name, value]) => [`${prefix}.${inLearner(name)}`, value]));
  const outputs = {
    'out.loss': tf.stack(columns.loss),
    'out.ema_loss': tf.stack(columns.ema_loss),
    'out.logits_train': tf.concat(columns.logits_train),
    'out.logits_ema': tf.concat(columns.logits_ema),
    // The last two columns are the encoder's groups, a tenth of the rate. The file has them even if the groups are
    // empty.
    'out.lr': rates.map(({ learningRateFactor }) =>
      [1, 1, 0.1, 0.1].map((scale) => max_lr * learningRateFactor * scale),
    ),
    'out.beta1': rates.map(({ momentum }) => momentum ?? Number.NaN),
    ...stored('out.final', await exportState(learner)),
    ...stored('out.ema', await average.exportState()),
  };
  average.dispose();
  optimizer.dispose();
  learner.dispose();
  return outputs;
};

/** Comparisons of whole training steps of CPRFL. */
export const cprflTrainingAdapters: ParityAdapters = { train_steps: trainSteps };
