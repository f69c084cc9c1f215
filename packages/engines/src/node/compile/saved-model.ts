import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError, NotSupportedError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { withoutNativeKernels } from '../native/kernels.ts';
import type { NativeBackend } from './native-backend.ts';
import { record } from './record.ts';

/**
 * Writes a function of tensors as a TensorFlow SavedModel with the signature `serving_default`, its variables as
 * constants, for Python's TensorFlow, TensorFlow Serving and everything else that reads the format:
 *
 * ```py
 * predict = tf.saved_model.load(directory).signatures['serving_default']
 * scores = predict(inputs=images)['scores']
 * ```
 *
 * @param directory made by this call, complete or not at all
 * @param inputs examples by name; their shapes, the batch size with them, are those of the model
 * @param predict from the inputs to named outputs; the rules of `compile` hold
 * @param extra files that lie in the model's folder `assets.extra`, by name
 * @throws NotSupportedError on an engine other than TensorFlow, or for what can't be recorded; DataError if the
 *   directory is there already
 */
export function exportSavedModel<In extends Record<string, tf.Tensor>>(
  directory: string,
  inputs: In,
  predict: (inputs: In) => Record<string, tf.Tensor>,
  extra: Readonly<Record<string, string>> = {},
): void {
  const where = 'exportSavedModel';
  if (!tf.getBackend().startsWith('tensorflow')) {
    throw new NotSupportedError({
      where,
      argument: 'the engine',
      expected: 'a TensorFlow engine',
      received: tf.getBackend(),
      hint: '`ltml native install` installs one.',
    });
  }
  if (existsSync(directory)) {
    throw new DataError({ where, argument: 'directory', expected: 'new', received: `${directory}, which exists` });
  }
  const backend = tf.backend() as unknown as NativeBackend;
  const options = {
    name: where,
    frozen: true,
    keepValues: false,
    refuse: (error: Error) => {
      throw error;
    },
  };
  const { recording, outputs } = withoutNativeKernels(() =>
    record(backend, Object.values(inputs), () => predict(inputs), options),
  );
  tf.dispose(outputs);
  const names = Object.keys(inputs);
  const named = Object.fromEntries(recording.arguments.map((argument, i) => [names[i], argument]));
  const target = resolve(directory);
  const temporary = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
  try {
    recording.graph.save(temporary, { inputs: named, outputs: recording.outputs });
    for (const [name, text] of Object.entries(extra)) {
      mkdirSync(join(temporary, 'assets.extra'), { recursive: true });
      writeFileSync(join(temporary, 'assets.extra', name), text);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}
