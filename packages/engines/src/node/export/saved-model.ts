import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { writeGraph } from '../compile/graph-file.ts';
import type { NativeBackend } from '../compile/native-backend.ts';
import type { PredictionGraph } from './prediction-graph.ts';

/**
 * Writes a graph as a TensorFlow SavedModel with the signature `serving_default`, for TensorFlow in Python, TensorFlow
 * Serving and other programs:
 *
 * ```py
 * predict = tf.saved_model.load(directory).signatures['serving_default']
 * scores = predict(images=images)['scores']
 * ```
 *
 * @param extra files for the model's folder `assets.extra`, by name
 */
export function writeSavedModel(
  directory: string,
  { nodes, inputs, outputs }: PredictionGraph,
  extra: Readonly<Record<string, string>> = {},
): void {
  writeGraph(directory, nodes, { inputs, outputs });
  for (const [name, text] of Object.entries(extra)) {
    mkdirSync(join(directory, 'assets.extra'), { recursive: true });
    writeFileSync(join(directory, 'assets.extra', name), text);
  }
}

/** Runs a SavedModel on the active engine, which must be TensorFlow. @returns its outputs by name */
export function runSavedModel(
  directory: string,
  { inputs, outputs }: PredictionGraph,
  given: Readonly<Record<string, tf.Tensor>>,
): Record<string, tf.Tensor> {
  const backend = tf.backend() as unknown as NativeBackend;
  const model = backend.binding.loadSavedModel(directory, 'serve');
  const first = (node: string): string => (node.includes(':') ? node : `${node}:0`);
  try {
    const ids = backend.getInputTensorIds(Object.keys(inputs).map((name) => given[name]));
    const [from, to] = [inputs, outputs].map((named) => Object.values(named).map(({ node }) => first(node)));
    const results = backend.binding.runSavedModel(model, ids, from.join(','), to.join(','));
    const names = Object.keys(outputs);
    return Object.fromEntries(results.map((result, i) => [names[i], backend.createOutputTensor(result)]));
  } finally {
    backend.binding.deleteSavedModel(model);
  }
}
