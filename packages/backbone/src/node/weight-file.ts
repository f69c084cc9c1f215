import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError } from '@ltml/tensor';
import { SafetensorsFile, whyUnreadable } from '@ltml/tensor/node';
import { parseConfiguration } from '../weights/configuration.ts';
import { refusePickle } from '../weights/source.ts';

/** A weight file with the configuration that came with it: a `WeightSource`. */
export type WeightFile = SafetensorsFile & { readonly config: unknown };

/**
 * Opens a weight file, whose tensors are then read one by one. The caller closes it.
 *
 * Its configuration, which contains the number of heads of a transformer, is the text `config` in its metadata, or the
 * `open_clip_config.json` or `config.json` in its folder, as on the Hugging Face hub.
 *
 * @throws DataError on a file that does not exist, is truncated or hostile, and on a pickle (.pt, .pth, .bin), with the
 *   command that converts it
 */
export async function openWeights(path: string): Promise<WeightFile> {
  const start = new Uint8Array(8);
  const file = await open(path, 'r').catch((cause: Error) => {
    throw unreadable(path, cause);
  });
  try {
    await file.read(start, 0, 8, 0);
  } catch (cause) {
    throw unreadable(path, cause as Error);
  } finally {
    await file.close();
  }
  refusePickle('openWeights', start, path);
  const weights = await SafetensorsFile.open(path);
  try {
    const { config } = weights.metadata;
    const found =
      config === undefined ? await readBeside(path) : parseConfiguration(`${path}, metadata config`, config);
    return Object.assign(weights, { config: found });
  } catch (error) {
    await weights.close();
    throw error;
  }
}

/** Configurations of networks have a few kilobytes; a longer file is something else. */
const longestConfiguration = 1 << 20;

async function readBeside(path: string): Promise<unknown> {
  for (const name of ['open_clip_config.json', 'config.json']) {
    const at = join(dirname(path), name);
    const file = await open(at, 'r').catch(() => undefined);
    if (!file) continue;
    try {
      const bytes = new Uint8Array(longestConfiguration);
      const { bytesRead } = await file.read(bytes, 0, longestConfiguration, 0);
      if (bytesRead === longestConfiguration) continue;
      return parseConfiguration(at, new TextDecoder().decode(bytes.subarray(0, bytesRead)));
    } finally {
      await file.close();
    }
  }
  return undefined;
}

function unreadable(path: string, cause: Error): DataError {
  const received = whyUnreadable(cause);
  return new DataError({ where: 'openWeights', argument: path, expected: 'a file that can be read', received, cause });
}

/**
 * Opens a weight file, calls `use` with it, and closes it.
 *
 * ```ts
 * const encoder = await withWeights('model.safetensors', (file) => loadResNet(file));
 * ```
 */
export async function withWeights<Result>(
  path: string,
  use: (file: WeightFile) => Result | Promise<Result>,
): Promise<Result> {
  const file = await openWeights(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
