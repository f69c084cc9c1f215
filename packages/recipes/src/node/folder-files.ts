import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensorsFile } from '@ltml/tensor/node';
import { broken } from '../model/broken.ts';
import type { ModelFiles } from '../model/model-files.ts';
import { UsageError } from '../usage-error.ts';
import { fileHash } from './file-hash.ts';

/** Reads the files of a bundle from a folder. */
export function folderFiles(folder: string): ModelFiles {
  const place = (name: string): string => join(folder, name);
  return {
    place,
    async text(name) {
      const path = place(name);
      if (!existsSync(path)) throw new UsageError(`no run or model in ${folder}: ${path} does not exist`);
      return readFile(path, 'utf8');
    },
    async tensors(name, expected) {
      const path = place(name);
      if (!existsSync(path)) throw broken(path, 'an existing file, since model.json names it', 'no such file');
      const sha256 = await fileHash(path);
      if (sha256 !== expected) throw broken(path, `intact, with SHA-256 ${expected}`, sha256);
      return (await readSafetensorsFile(path)).tensors;
    },
  };
}
