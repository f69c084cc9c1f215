import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import type * as tf from '@tensorflow/tfjs-core';
import type { AttributeValue, GraphNode, NamedTensor } from '../compile/graph.ts';
import { graphProducer } from '../compile/graph-file.ts';
import { constantOf, numbersOf } from './constants.ts';
import type { PredictionGraph } from './prediction-graph.ts';
import { bool, float, int32, int64 } from './types.ts';

/** Size of a weight file in bytes, as recommended for browser caches. */
const shardBytes = 4 * 2 ** 20;

/** Names of types. TensorFlow.js has no 64-bit integers. */
const typeNames = new Map([
  [float, { inGraph: 'DT_FLOAT', ofWeights: 'float32' }],
  [int32, { inGraph: 'DT_INT32', ofWeights: 'int32' }],
  [int64, { inGraph: 'DT_INT32', ofWeights: 'int32' }],
  [bool, { inGraph: 'DT_BOOL', ofWeights: 'bool' }],
]);

/**
 * Writes a graph as a TensorFlow.js graph model, which `tf.loadGraphModel` reads: `model.json`, and weights in files of
 * 4 MiB.
 *
 * @param extra more facts about the model, for `userDefinedMetadata` in `model.json`
 */
export function writeGraphModel(
  directory: string,
  { nodes, inputs, outputs }: PredictionGraph,
  extra: Readonly<Record<string, unknown>> = {},
): void {
  const weights = nodes.flatMap((node) => {
    const constant = constantOf(node);
    if (!constant) return [];
    const { ofWeights } = typeOf(constant.dtype);
    const { buffer, byteOffset, byteLength } = numbersOf(constant);
    const spec = { name: node.name, shape: constant.shape, dtype: ofWeights };
    return [{ spec, bytes: new Uint8Array(buffer, byteOffset, byteLength) }];
  });
  mkdirSync(directory, { recursive: true });
  const paths = writeShards(
    directory,
    weights.map(({ bytes }) => bytes),
  );
  const model = {
    format: 'graph-model',
    generatedBy: 'LTML',
    convertedBy: null,
    signature: { inputs: signatureOf(inputs), outputs: signatureOf(outputs) },
    userDefinedMetadata: extra,
    modelTopology: { node: nodes.map(nodeOf), library: {}, versions: { producer: graphProducer } },
    weightsManifest: [{ paths, weights: weights.map(({ spec }) => spec) }],
  };
  writeFileSync(join(directory, 'model.json'), JSON.stringify(model));
}

function writeShards(directory: string, weights: readonly Uint8Array[]): string[] {
  const bytes = Buffer.concat(weights);
  const count = Math.max(1, Math.ceil(bytes.length / shardBytes));
  return Array.from({ length: count }, (_, i) => {
    const path = `group1-shard${i + 1}of${count}.bin`;
    writeFileSync(join(directory, path), bytes.subarray(i * shardBytes, (i + 1) * shardBytes));
    return path;
  });
}

function typeOf(dtype: number): { readonly inGraph: string; readonly ofWeights: string } {
  const names = typeNames.get(dtype);
  if (!names) throw new Error(`the type ${dtype} has no name in TensorFlow.js`);
  return names;
}

function nodeOf({ name, op, inputs, attributes }: GraphNode): object {
  const attr = Array.from(attributes, ([key, value]) => [key, attributeOf(value)] as const);
  return { name, op, ...(inputs.length > 0 && { input: inputs }), attr: Object.fromEntries(attr) };
}

function attributeOf(value: AttributeValue): object {
  if ('type' in value) return { type: typeNames.get(value.type)?.inGraph ?? 'DT_INVALID' };
  if ('bool' in value) return { b: value.bool };
  if ('float' in value) return { f: value.float };
  if ('int' in value) return { i: String(value.int) };
  if ('string' in value) return { s: Buffer.from(value.string).toString('base64') };
  if ('shape' in value) return { shape: shapeOf(value.shape) };
  if ('ints' in value) return { list: { i: value.ints.map(String) } };
  const { dtype, shape } = value.tensor;
  return { tensor: { dtype: typeOf(dtype).inGraph, tensorShape: shapeOf(shape) } };
}

function shapeOf(shape: readonly number[]): object {
  return { dim: shape.map((size) => ({ size: String(size) })) };
}

function signatureOf(tensors: Readonly<Record<string, NamedTensor>>): object {
  const entries = Object.entries(tensors).map(([key, { node, dtype, shape }]) => {
    const name = node.includes(':') ? node : `${node}:0`;
    return [key, { name, dtype: typeOf(dtype).inGraph, tensorShape: shapeOf(shape) }] as const;
  });
  return Object.fromEntries(entries);
}

/** Runs a graph model on the active engine. @returns its outputs by name */
export async function runGraphModel(
  directory: string,
  given: Readonly<Record<string, tf.Tensor>>,
): Promise<Record<string, tf.Tensor>> {
  const artifacts = readModel(directory);
  const model = await loadGraphModel({ load: () => Promise.resolve(artifacts) });
  try {
    const names = Object.keys((artifacts.signature as { readonly outputs: object }).outputs);
    const results = [model.execute({ ...given }, names)].flat();
    return Object.fromEntries(results.map((result, i) => [names[i], result]));
  } finally {
    model.dispose();
  }
}

function readModel(directory: string): tf.io.ModelArtifacts {
  const { weightsManifest, ...model } = JSON.parse(readFileSync(join(directory, 'model.json'), 'utf8'));
  const [{ paths, weights }] = weightsManifest as [{ paths: string[]; weights: tf.io.WeightsManifestEntry[] }];
  const bytes = Buffer.concat(paths.map((path) => readFileSync(join(directory, path))));
  return { ...model, weightSpecs: weights, weightData: Uint8Array.from(bytes).buffer };
}
