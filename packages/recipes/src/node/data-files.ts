import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { PublishedSetName, SplitRole } from '@ltml/data';
import {
  type FileList,
  fileDataSet,
  foldersIn,
  type PublishedDataSetOptions,
  publishedDataSet,
  readCocoJson,
  readFolder,
  readTable,
  usualRole,
} from '@ltml/data/node';
import type { DataFiles } from '../parts/file-data-sets.ts';
import { UsageError } from '../usage-error.ts';

/** Reads data sets of recipes from files. */
export const dataFiles: DataFiles = {
  async folder({ root, order, separator, splits, decode: mode }) {
    const names = splits ? Object.values(splits) : await splitFolders([root].flat()[0]);
    const list = await readFolder({
      root,
      order,
      ...(separator !== undefined && { separator }),
      ...(names && { splits: names }),
    });
    const labels = separator === undefined ? 'single' : 'multi';
    return fileDataSet(list, { name: nameOf(root), mode, labels, ...(splits && { splits: given(splits) }) });
  },

  async table({ decode: mode, labels, splits, ...options }) {
    const list = await readTable(given(options));
    return fileDataSet(list, { name: nameOf(options.root), mode, labels, ...(splits && { splits: given(splits) }) });
  },

  async cocoJson({ root, decode: mode, annotations, images }) {
    const name = nameOf(root);
    const read = (file: string, folderOfImages: string | undefined, split?: string): Promise<FileList> =>
      readCocoJson({
        root,
        annotations: file,
        ...(folderOfImages !== undefined && { images: folderOfImages }),
        ...(split !== undefined && { split }),
      });
    if (typeof annotations === 'string') {
      if (typeof images === 'object')
        throw new UsageError('data.images: give one folder, since there is one file of annotations');
      return fileDataSet(await read(annotations, images), { name, mode });
    }
    const lists: FileList[] = [];
    for (const [role, file] of Object.entries(annotations)) {
      lists.push(await read(file, typeof images === 'object' ? images[role as SplitRole] : images, role));
    }
    const [{ classes }, ...others] = lists;
    const names = (list: FileList): string => JSON.stringify(list.classes.map(({ id, name: text }) => [id, text]));
    if (others.some((list) => names(list) !== names(lists[0]))) {
      throw new UsageError('data.annotations: the files should have the same categories');
    }
    return fileDataSet({ classes, pictures: lists.flatMap(({ pictures }) => pictures) }, { name, mode });
  },

  published(name, { root, decode, splits, lists, ...options }) {
    return publishedDataSet(
      name,
      given({ root, decode, splits, lists, options }) as PublishedDataSetOptions<PublishedSetName>,
    );
  },
};

/** A copy without undefined options. */
function given<T extends object>(options: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

function nameOf(root: string | readonly string[]): string {
  return basename(resolve([root].flat()[0]));
}

/** The folders in the root, if all have names of splits and one is for training. */
async function splitFolders(root: string): Promise<readonly string[] | undefined> {
  if (!existsSync(root)) return undefined;
  const names = await foldersIn(root).catch(() => []);
  const roles = names.map(usualRole);
  return roles.includes('train') && roles.every((role) => role !== undefined) ? names : undefined;
}
