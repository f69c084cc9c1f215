import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureShelf } from '../../build/feature-store.ts';

/**
 * A folder through which processes share features, one file for each key. If two processes need the same key at the
 * same time, both compute it and write the same content.
 *
 * Only for the time of one command: changes of the files that a key stands for are not noticed.
 */
export function sharedFeatures(folder: string): FeatureShelf {
  // Engines differ in rounding, so each has its own files.
  const fileOf = (key: string): string =>
    join(folder, `${createHash('sha256').update(`${tf.getBackend()} ${key}`).digest('hex').slice(0, 32)}.safetensors`);
  return {
    async read(key) {
      const file = fileOf(key);
      if (!existsSync(file)) return undefined;
      const { tensors } = readSafetensors(await readFile(file));
      const views = Array.from({ length: tensors.size }, (_, view) => tensors.get(`${view}`)?.data as Float32Array);
      return { shape: tensors.get('0')?.shape.slice(1) ?? [], views };
    },
    async write(key, { shape, views }) {
      const size = shape.reduce((product, length) => product * length, 1);
      const tensors = views.map(
        (data, view) => [`${view}`, { dtype: 'F32' as const, shape: [data.length / size, ...shape], data }] as const,
      );
      await mkdir(folder, { recursive: true });
      await writeFileAtomically(fileOf(key), [writeSafetensors(new Map(tensors))]);
    },
  };
}
