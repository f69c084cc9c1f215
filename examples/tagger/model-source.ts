import { loadModel, type Model, type ModelFiles, UsageError } from '@ltml/recipes';
import { readSafetensors } from '@ltml/tensor';

/** Loads a bundle from an address, relative to the page. */
export function loadFromAddress(address: string): Promise<Model> {
  return loadModel(new URL(address, location.href));
}

/** Loads a bundle from the files of a folder that was chosen on this device. */
export function loadFromFolder(files: readonly File[]): Promise<Model> {
  return loadModel(filesOf(files));
}

function filesOf(files: readonly File[]): ModelFiles {
  const place = (name: string): string => name;
  const find = (name: string): File => {
    const found = files.find((file) => file.name === name);
    if (!found) throw new UsageError(`no model in this folder: there is no ${name}`);
    return found;
  };
  return {
    place,
    text: async (name) => find(name).text(),
    tensors: async (name) => readSafetensors(new Uint8Array(await find(name).arrayBuffer())).tensors,
  };
}
