import { parseArgs } from 'node:util';
import type { BatchLoader } from '@ltml/data';
import { useBackend } from '@ltml/engines';
import { AdamW, compile, differentiate, disposeGradients, type Module, oneCycle } from '@ltml/tensor';
import type { LoadedBatch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** Starts the engine that `LTML_BACKEND` names, and reads `--epochs` and `--scenes`. */
export async function start(usual: { readonly epochs: number }): Promise<{
  readonly epochs: number;
  readonly scenes: number;
}> {
  const { values } = parseArgs({
    options: {
      epochs: { type: 'string', default: `${usual.epochs}` },
      scenes: { type: 'string', default: '6000' },
    },
  });
  await useBackend(process.env.LTML_BACKEND as Parameters<typeof useBackend>[0]);
  console.log(`engine ${tf.getBackend()}`);
  return { epochs: Number(values.epochs), scenes: Number(values.scenes) };
}

/** How a network is trained. */
export interface Training {
  readonly network: Module;
  readonly loader: BatchLoader;
  readonly epochs: number;
  readonly learningRate: number;
  /** What a step takes of a batch, besides other tensors. All of them are disposed of. */
  inputsOf(batch: LoadedBatch): readonly tf.Tensor[];
  lossOf(...inputs: tf.Tensor[]): tf.Scalar;
  onEpoch?(epoch: number): Promise<void>;
}

/** Trains with AdamW and one cycle of the rate; prints a line an epoch. */
export async function trainNetwork(training: Training): Promise<void> {
  const { network, loader, epochs, learningRate, inputsOf, lossOf, onEpoch } = training;
  const schedule = oneCycle({ totalSteps: epochs * loader.batchesPerEpoch, riseFraction: 0.2, momentum: null });
  const optimizer = new AdamW([{ parameters: network.trainableParameters(), learningRate, weightDecay: 1e-2 }]);
  const parameters = [...network.trainableParameters()].map(([, parameter]) => parameter);
  let stepsDone = 0;
  const step = compile((...inputs: tf.Tensor[]) => {
    const { loss, gradients } = differentiate(() => ({ loss: lossOf(...inputs), terms: {} }), parameters);
    optimizer.step(gradients, () => schedule(stepsDone));
    disposeGradients(gradients);
    return { loss };
  });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const began = performance.now();
    let total = 0;
    for await (const batch of loader.epoch()) {
      const inputs = inputsOf(batch);
      const { loss } = step(...inputs);
      total += (await loss.data())[0];
      tf.dispose([loss, ...inputs, batch.inputs, batch.labels, batch.known]);
      stepsDone++;
    }
    const seconds = (performance.now() - began) / 1000;
    console.log(`epoch ${epoch}  loss ${(total / loader.batchesPerEpoch).toFixed(4)}  ${seconds.toFixed(1)} s`);
    await onEpoch?.(epoch);
  }
}
