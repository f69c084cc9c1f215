import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DecodeMode } from '@ltml/images/node';
import {
  type FeatureIndex,
  featureStorages,
  openFeatures,
  readFeatureIndex,
  type StoredFeatures,
} from '@ltml/train/node';
import { encodingOf } from '../../model/encoding-of.ts';
import type { Model } from '../../model/open-model.ts';
import { identityOf } from './feature-key.ts';
import { readImageList, stateOfFile } from './image-list.ts';

/** Stored features of picture files. */
export interface FileFeatures {
  /** Shape of the features of one file. */
  readonly shape: readonly number[];
  /** Number format. */
  readonly storage: string;
  /** Largest and relative error of the number format. */
  readonly error: { readonly largest: number; readonly relative: number };
  /** Features [B, …shape] of some of the files. */
  read(files: readonly string[]): Promise<Float32Array>;
  /** Closes the files. */
  close(): Promise<void>;
}

/**
 * Finds a model's features of picture files in a folder of `ltml encode`. Undefined unless it has all files, unchanged
 * and in one number format. Memory grows with the number of stored files.
 */
export async function featuresOfFiles(
  model: Model,
  dir: string,
  files: Iterable<string>,
  mode: DecodeMode,
): Promise<FileFeatures | undefined> {
  if (!model.recipe.frozen) return undefined;
  const fitting = await fittingFolders(model, dir, mode);
  if (fitting.length === 0) return undefined;
  const wanted: (readonly [file: string, state: string])[] = [];
  for (const file of files) {
    const state = await stateOfFile(file).catch(() => undefined);
    if (!state) return undefined;
    wanted.push([file, JSON.stringify(state)]);
  }
  for (const storage of featureStorages) {
    const found = await rowsOf(
      wanted,
      fitting.filter(({ index }) => index.storage === storage),
    );
    if (found) return openRows(found, storage);
  }
  return undefined;
}

/** A folder of features with its index. */
interface FeatureFolder {
  readonly folder: string;
  readonly index: FeatureIndex;
}

/** Where the features of a file are. */
interface Row {
  readonly from: FeatureFolder;
  readonly row: number;
}

/** Folders whose features have the encoder, pipeline and encoding of a model. */
async function fittingFolders(model: Model, dir: string, mode: DecodeMode): Promise<FeatureFolder[]> {
  const { recipe, encoder, encodings, pipeline, imageSize } = model;
  const names = await readdir(dir).catch(() => []);
  if (names.length === 0) return [];
  const imageShape = [...imageSize, 3];
  const encoding = encodingOf(encoder, encodings, imageShape);
  const wanted: object = {
    ...(await identityOf(recipe.encoder, encoder)),
    encoding,
    pipeline,
    imageShape,
    decode: mode,
  };
  const fitting: FeatureFolder[] = [];
  for (const name of names) {
    const folder = join(dir, name);
    const index = await readFeatureIndex(folder);
    const isSame = Object.entries(wanted).every(
      ([key, value]) => JSON.stringify(index?.of[key]) === JSON.stringify(value),
    );
    if (index && isSame) fitting.push({ folder, index });
  }
  return fitting;
}

/** The rows of files; undefined if a file is in no folder. */
async function rowsOf(
  wanted: readonly (readonly [file: string, state: string])[],
  folders: readonly FeatureFolder[],
): Promise<Map<string, Row> | undefined> {
  const rows = new Map<string, Row>();
  for (const from of folders) {
    const list = await readImageList(from.folder);
    for (const [file, state] of wanted) {
      const row = list.get(state);
      if (row !== undefined && !rows.has(file)) rows.set(file, { from, row });
    }
  }
  return wanted.length > 0 && wanted.every(([file]) => rows.has(file)) ? rows : undefined;
}

async function openRows(rows: ReadonlyMap<string, Row>, storage: string): Promise<FileFeatures> {
  const opened = new Map<FeatureFolder, StoredFeatures>();
  for (const { from } of rows.values()) {
    if (!opened.has(from)) opened.set(from, await openFeatures(from.folder));
  }
  const [first] = opened.keys();
  const errors = [...opened.keys()].map(({ index }) => index.error);
  const { shape } = first.index;
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    shape,
    storage,
    error: {
      largest: Math.max(...errors.map(({ largest }) => largest)),
      relative: Math.max(...errors.map(({ relative }) => relative)),
    },
    async read(files) {
      const values = new Float32Array(files.length * size);
      const reading = files.map(async (file, i) => {
        const { from, row } = rows.get(file) as Row;
        values.set(await (opened.get(from) as StoredFeatures).inputs.read([row]), i * size);
      });
      await Promise.all(reading);
      return values;
    },
    async close() {
      for (const stored of opened.values()) await stored.close();
    },
  };
}
