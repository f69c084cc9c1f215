import { readFileSync, writeFileSync } from 'node:fs';
import {
  onnxModel,
  type PredictionGraph,
  runGraphModel,
  runSavedModel,
  writeGraphModel,
  writeSavedModel,
} from '@ltml/engines/node/export';
import { UsageError } from '@ltml/recipes/usage-error';
import type * as tf from '@tensorflow/tfjs-core';

/** Facts about the model that a file stores beside the graph. */
export interface AboutModel {
  readonly classes: readonly string[];
  /** Kind of the scores, e.g. logits. */
  readonly scores: string;
}

/** A file format of other programs. */
interface Format {
  /** Writes the graph to a path. */
  write(path: string, graph: PredictionGraph, about: AboutModel): void;
  /** Scores [B, C] that the written file gives for images [B, H, W, 3], RGB from 0 to 255. */
  run(path: string, graph: PredictionGraph, images: tf.Tensor4D): Promise<Float32Array>;
}

/** Formats by their name in `--to`. If a format needs a package that is not installed, it throws a UsageError. */
export const formats = {
  savedmodel: async (): Promise<Format> => ({
    write: (path, graph, { classes }) =>
      writeSavedModel(path, graph, { 'classes.json': `${JSON.stringify(classes, null, 2)}\n` }),
    run: (path, graph, images) => valuesOf(runSavedModel(path, graph, { images })),
  }),
  tfjs: async (): Promise<Format> => ({
    write: (path, graph, about) => writeGraphModel(path, graph, { ...about }),
    run: async (path, _, images) => valuesOf(await runGraphModel(path, { images })),
  }),
  onnx: async (): Promise<Format> => {
    const { InferenceSession, Tensor } = await onnxRuntime();
    return {
      write: (path, graph, { classes, scores }) =>
        writeFileSync(path, onnxModel(graph, { classes: JSON.stringify(classes), scores })),
      async run(path, _, images) {
        const session = await InferenceSession.create(readFileSync(path));
        try {
          const input = new Tensor('float32', await images.data<'float32'>(), images.shape);
          const { scores } = await session.run({ images: input });
          return scores.data as Float32Array;
        } finally {
          await session.release();
        }
      },
    };
  },
};

export type FormatName = keyof typeof formats;

/** @throws UsageError if onnxruntime-node is not installed */
async function onnxRuntime(): Promise<typeof import('onnxruntime-node')> {
  try {
    return await import('onnxruntime-node');
  } catch {
    throw new UsageError('--to onnx: the file is checked with onnxruntime-node: npm install onnxruntime-node');
  }
}

async function valuesOf({ scores }: Record<string, tf.Tensor>): Promise<Float32Array> {
  try {
    return await scores.data<'float32'>();
  } finally {
    scores.dispose();
  }
}
