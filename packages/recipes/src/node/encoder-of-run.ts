import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encoderByName } from '@ltml/backbone';
import type { ChannelStatistics } from '@ltml/images';
import { DataError, exportState, importState, type Module } from '@ltml/tensor';
import { SafetensorsFile } from '@ltml/tensor/node';
import type { ModelDescription } from '../model/model-description.ts';
import { parseDescription } from '../model/read-description.ts';
import type { EncoderConfig } from '../parts/encoders.ts';
import { statisticsOf } from '../parts/statistics-of.ts';
import { EntryError } from '../usage-error.ts';

/**
 * The encoder entry of a recipe. If it names a run, it is completed with the encoder entry of that run.
 *
 * @throws EntryError if there is no such run, or its encoder has another name
 */
export async function encoderConfigOfRun(config: EncoderConfig): Promise<EncoderConfig> {
  const { run, name } = config;
  if (run === undefined) return config;
  const { weights: _, run: __, freeze: ___, ...trained } = (await descriptionOfRun(run)).recipe.encoder;
  const isSame = name === undefined || encoderByName(name).encoder === encoderByName(String(trained.name)).encoder;
  if (!isSame) throw new EntryError(`should be ${trained.name}, like the encoder of ${run}`, 'encoder.name');
  return { ...trained, ...config, name: trained.name };
}

/** Mean and standard deviation that a run normalised pictures with. */
export async function statisticsOfRun(folder: string): Promise<ChannelStatistics> {
  return statisticsOf((await descriptionOfRun(folder)).pictures.pipeline);
}

async function descriptionOfRun(folder: string): Promise<ModelDescription> {
  const path = [join(folder, 'model', 'model.json'), join(folder, 'model.json')].find(existsSync);
  if (path === undefined) throw new EntryError(`${folder} is not the folder of a run or a model`, 'encoder.run');
  return parseDescription(await readFile(path, 'utf8'), path);
}

/**
 * Loads the weights of a run's trained encoder into a network.
 *
 * @param folder of the run, or of its model
 * @throws DataError if there is no finished run, or its encoder is another network
 */
export async function loadEncoderOfRun(network: Module, folder: string): Promise<void> {
  const path = [join(folder, 'model', 'model.safetensors'), join(folder, 'model.safetensors')].find(existsSync);
  if (path === undefined) throw refusal(folder, 'nothing there');
  const names = [...(await exportState(network)).keys()];
  const file = await SafetensorsFile.open(path);
  try {
    // A learner has its encoder under some prefix. A `key` encoder is only a moving average of it.
    const prefixes = file.names
      .filter((name) => name.endsWith(names[0]) && !/(^|\.)key\./.test(name))
      .map((name) => name.slice(0, -names[0].length));
    const prefix = prefixes.find((candidate) => names.every((name) => file.names.includes(candidate + name)));
    if (prefix === undefined) throw refusal(path, 'another network');
    // One tensor at a time: two copies of a large network might not fit in memory.
    for (const name of names) {
      importState(network, new Map([[name, await file.read(prefix + name)]]), { partial: true });
    }
  } finally {
    await file.close();
  }
}

function refusal(argument: string, received: string): DataError {
  const expected = 'a finished run whose encoder has this name';
  return new DataError({ where: 'loadEncoderOfRun', argument, expected, received });
}
