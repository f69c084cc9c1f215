import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { DataSet } from '@ltml/data';
import {
  type FileList,
  fileDataSet,
  foldersIn,
  readCocoJson,
  readFolder,
  readTable,
  type SplitRole,
  usualRole,
} from '@ltml/data/node';
import { z } from 'zod';
import { UsageError } from '../usage-error.ts';
import { type Part, part } from './part.ts';

const path = z.string().min(1);
const root = z.union([path, z.array(path).min(1)]).describe('The folder of the pictures, or several');
const decode = z
  .enum(['upright', 'as-pil'])
  .default('upright')
  .describe('upright: turned as EXIF says; as-pil: as the papers');
const splitNames = z.strictObject({ train: path, validation: path.optional(), test: path.optional() });

/** What both have that lists of files say. */
const common = { root, decode };

const folder = part(
  {
    ...common,
    order: z.enum(['natural', 'string']).default('natural'),
    separator: z.string().min(1).optional().describe('Divides the name of a folder into several labels'),
    splits: splitNames.optional().describe('Folders of the splits; left out, train, val and test are found'),
  },
  async ({ root: given, order, separator, splits, decode: mode }): Promise<DataSet> => {
    const name = nameOf(given);
    const names = splits ? Object.values(splits) : await splitFolders([given].flat()[0]);
    const list = await readFolder({
      root: given,
      order,
      ...(separator !== undefined && { separator }),
      ...(names && { splits: names }),
    });
    const labels = separator === undefined ? 'single' : 'multi';
    return fileDataSet(list, { name, mode, labels, ...(splits && { splits: rolesOf(splits) }) });
  },
);

const table = part(
  {
    ...common,
    file: path.describe('The table, below the root: .csv, .tsv or .jsonl'),
    separator: z.string().min(1).default(';').describe('Divides the labels of an image in one column'),
    delimiter: z.string().min(1).optional().describe('Divides columns'),
    columns: z.strictObject({ path: path.optional(), labels: path.optional(), split: path.optional() }).optional(),
    classes: z
      .union([path, z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('Class names, or a file of them'),
    values: z
      .record(z.string(), z.enum(['present', 'absent', 'unknown']))
      .default({ '1': 'present', '0': 'absent', '-1': 'unknown', '?': 'unknown', '': 'unknown' })
      .describe('What a cell means where each class has a column'),
    unlisted: z.enum(['absent', 'unknown']).default('absent').describe('What a class is that is not listed'),
    labels: z.enum(['multi', 'single']).default('multi').describe('single: each image has one label'),
    splits: splitNames.optional().describe('Names in the column of splits'),
  },
  async ({ decode: mode, labels, splits, ...options }): Promise<DataSet> => {
    const list = await readTable(given(options));
    const name = nameOf(options.root);
    return fileDataSet(list, { name, mode, labels, ...(splits && { splits: rolesOf(splits) }) });
  },
);

const cocoJson = part(
  {
    ...common,
    annotations: z.union([path, splitNames]).describe('The COCO file, or one for each split'),
    images: z.union([path, splitNames]).optional().describe('Folder of the pictures, or one for each split'),
  },
  async ({ root: given, decode: mode, annotations, images }): Promise<DataSet> => {
    const name = nameOf(given);
    const read = (file: string, folderOfImages: string | undefined, split?: string): Promise<FileList> =>
      readCocoJson({
        root: given,
        annotations: file,
        ...(folderOfImages !== undefined && { images: folderOfImages }),
        ...(split !== undefined && { split }),
      });
    if (typeof annotations === 'string') {
      if (typeof images === 'object')
        throw new UsageError('data.images: one folder, as there is one file of annotations');
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
);

/** Data sets of people's own pictures. Paths are below the folder where the command runs. */
export const fileDataSets: Readonly<
  Record<'folder' | 'table' | 'coco-json', Part<z.ZodRawShape, undefined, Promise<DataSet>>>
> = { folder, table, 'coco-json': cocoJson };

/** Options without those that were left out. */
function given<T extends object>(options: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

function rolesOf(splits: z.infer<typeof splitNames>): Partial<Record<SplitRole, string>> {
  return given(splits);
}

function nameOf(root: string | readonly string[]): string {
  return basename(resolve([root].flat()[0]));
}

/** Folders in the root that are splits by their names, if all are and one is for training. */
async function splitFolders(root: string): Promise<readonly string[] | undefined> {
  if (!existsSync(root)) return undefined;
  const names = await foldersIn(root).catch(() => []);
  const roles = names.map(usualRole);
  return roles.includes('train') && roles.every((role) => role !== undefined) ? names : undefined;
}
