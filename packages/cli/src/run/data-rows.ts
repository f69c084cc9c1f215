import type { ClassList, DataSet } from '@ltml/data';
import { type FileList, readCocoJson, readFolder, readTable } from '@ltml/data/node';
import { readDataSet } from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import type { LabelRow } from '@ltml/tensor/labels';
import { printJson, printLines } from '../terminal.ts';
import { fileOf } from './data-table.ts';

/** Options of `ltml data rows`. */
export interface RowsOptions {
  readonly split?: string;
  readonly set: readonly string[];
  readonly classes?: boolean;
}

/** An image, as it is printed. */
interface Row extends LabelRow {
  readonly key: string;
  readonly file: string;
  readonly split: string | null;
}

type Settings = Readonly<Record<string, string>>;

/** Readers of layouts. They reject unknown options by name. */
const layouts: Readonly<Record<string, (root: string, settings: Settings, split?: string) => Promise<FileList>>> = {
  folder: (root, settings, split) =>
    readFolder({ ...settings, root, ...(split !== undefined && { splits: [split] }) } as Parameters<
      typeof readFolder
    >[0]),
  table: (root, settings) => readTable({ file: '', ...settings, root } as Parameters<typeof readTable>[0]),
  'coco-json': (root, settings) =>
    readCocoJson({ annotations: '', ...settings, root } as Parameters<typeof readCocoJson>[0]),
};

/** Prints the images of a data set with their labels, or its classes. */
export async function printRows(what: string, directory: string | undefined, options: RowsOptions): Promise<void> {
  const { classes, rows } = await read(what, directory, options);
  if (options.classes) {
    await printLines(...classes.map(({ name }) => name));
    return;
  }
  const names = (list: Int32Array): string[] => Array.from(list, (c) => classes[c].name);
  const chosen = rows.filter(({ split }) => options.split === undefined || split === options.split);
  if (chosen.length === 0) throw new UsageError(`--split ${options.split}: this split has no images`);
  for (const { key, file, present, absent } of chosen) {
    await printJson({ key, file, present: names(present), absent: absent === 'rest' ? 'rest' : names(absent) });
  }
}

async function read(
  what: string,
  directory: string | undefined,
  { set, split }: RowsOptions,
): Promise<{ readonly classes: ClassList; readonly rows: readonly Row[] }> {
  if (!Object.hasOwn(layouts, what)) {
    if (directory !== undefined)
      throw new UsageError(`data rows: give a recipe, or one of ${Object.keys(layouts).join(', ')} and its folder`);
    const dataSet = await readDataSet(what, set);
    return { classes: dataSet.classes, rows: rowsOf(dataSet) };
  }
  if (directory === undefined) throw new UsageError(`data rows ${what}: give the folder of the data`);
  const settings = Object.fromEntries(
    set.map((setting) => {
      const at = setting.indexOf('=');
      if (at < 1) throw new UsageError(`--set ${setting}: should be key=value`);
      return [setting.slice(0, at), setting.slice(at + 1)];
    }),
  );
  const { classes, pictures } = await layouts[what](directory, settings, split);
  return { classes, rows: pictures };
}

function rowsOf({ splits }: DataSet): readonly Row[] {
  return Object.entries(splits).flatMap(([split, part]) => {
    if (!part) return [];
    return Array.from({ length: part.labels.rows }, (_, i) => {
      return { key: part.pictures.key(i), file: fileOf(part, i), split, ...part.labels.row(i) };
    });
  });
}
