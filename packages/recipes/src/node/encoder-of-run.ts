import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, exportState, importState, type Module } from '@ltml/tensor';
import { SafetensorsFile } from '@ltml/tensor/node';

/**
 * Gives a network the weights that a run trained its encoder to.
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
    // A learner has its encoder under a name of its own.
    const prefixes = file.names
      .filter((name) => name.endsWith(names[0]))
      .map((name) => name.slice(0, -names[0].length));
    const prefix = prefixes.find((candidate) => names.every((name) => file.names.includes(candidate + name)));
    if (prefix === undefined) throw refusal(path, 'another network');
    const tensors = await Promise.all(names.map(async (name) => [name, await file.read(prefix + name)] as const));
    importState(network, new Map(tensors));
  } finally {
    await file.close();
  }
}

function refusal(argument: string, received: string): DataError {
  const expected = 'a finished run whose encoder is of this name';
  return new DataError({ where: 'loadEncoderOfRun', argument, expected, received });
}
