import type { DataSet, PublishedSetName } from '@ltml/data';
import * as z from 'zod';
import { type Part, part } from './part.ts';

const path = z.string().min(1);
const root = z.union([path, z.array(path).min(1)]).describe('Folder of the pictures, or several folders');
const decode = z
  .enum(['upright', 'as-pil'])
  .default('upright')
  .describe('upright: turned by the EXIF orientation; as-pil: as stored, as in the papers');
const splitNames = z.strictObject({ train: path, validation: path.optional(), test: path.optional() });

const folderOptions = {
  root,
  decode,
  order: z.enum(['natural', 'string']).default('natural'),
  separator: z.string().min(1).optional().describe('Separator of several labels in the name of a folder'),
  splits: splitNames.optional().describe('Folders of the splits; by default train, val and test are found'),
};

const tableOptions = {
  root,
  decode,
  file: path.describe('The table, relative to the root: .csv, .tsv, .jsonl or .parquet'),
  separator: z.string().min(1).default(';').describe('Separator of the labels of an image in one column'),
  delimiter: z.string().min(1).optional().describe('Separator of columns'),
  columns: z.strictObject({ path: path.optional(), labels: path.optional(), split: path.optional() }).optional(),
  classes: z
    .union([path, z.array(z.string().min(1)).min(1)])
    .optional()
    .describe('Class names, or a file with one name per line'),
  values: z
    .record(z.string(), z.enum(['present', 'absent', 'unknown']))
    .default({ '1': 'present', '0': 'absent', '-1': 'unknown', '?': 'unknown', '': 'unknown' })
    .describe('Meaning of a cell, if each class has a column'),
  unlisted: z.enum(['absent', 'unknown']).default('absent').describe('Meaning of a class that is not listed'),
  labels: z.enum(['multi', 'single']).default('multi').describe('single: each image has exactly one label'),
  splits: splitNames.optional().describe('Names of the splits in the split column'),
};

const cocoJsonOptions = {
  root,
  decode,
  annotations: z.union([path, splitNames]).describe('The COCO file, or one file for each split'),
  images: z.union([path, splitNames]).optional().describe('Folder of the pictures, or one folder for each split'),
};

/** Names of the splits by role. */
interface SplitNames {
  train: string;
  validation?: string | undefined;
  test?: string | undefined;
}

interface FileOptions {
  /** Folder of the pictures, or several folders. */
  readonly root: string | string[];
  readonly decode: 'upright' | 'as-pil';
}

interface FolderOptions extends FileOptions {
  readonly order: 'natural' | 'string';
  readonly separator?: string | undefined;
  readonly splits?: SplitNames | undefined;
}

interface TableOptions extends FileOptions {
  readonly file: string;
  readonly separator: string;
  readonly delimiter?: string | undefined;
  readonly columns?: { path?: string | undefined; labels?: string | undefined; split?: string | undefined } | undefined;
  readonly classes?: string | string[] | undefined;
  readonly values: Record<string, 'present' | 'absent' | 'unknown'>;
  readonly unlisted: 'absent' | 'unknown';
  readonly labels: 'multi' | 'single';
  readonly splits?: SplitNames | undefined;
}

interface CocoJsonOptions extends FileOptions {
  readonly annotations: string | SplitNames;
  readonly images?: string | SplitNames | undefined;
}

/** Reads data sets from files. `@ltml/recipes/node` has an implementation. */
export interface DataFiles {
  folder(options: FolderOptions): Promise<DataSet>;
  table(options: TableOptions): Promise<DataSet>;
  cocoJson(options: CocoJsonOptions): Promise<DataSet>;
  /** A published set by its name. @param options those of `publishedSets`, and those that all sets share */
  published(name: PublishedSetName, options: Readonly<Record<string, unknown>>): Promise<DataSet>;
}

type FileDataSet = Part<z.ZodRawShape, DataFiles, Promise<DataSet>>;

/** Data sets of a user's own pictures. Paths are relative to the folder in which the command runs. */
export const fileDataSets: Readonly<Record<'folder' | 'table' | 'coco-json', FileDataSet>> = {
  folder: part(folderOptions, (options, files: DataFiles) => files.folder(options)),
  table: part(tableOptions, (options, files: DataFiles) => files.table(options)),
  'coco-json': part(cocoJsonOptions, (options, files: DataFiles) => files.cocoJson(options)),
};
