import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { checkChoice, checkOptionNames, DataError } from '@ltml/tensor';
import { classList } from '../../data-set.ts';
import type { FileList, ListedPicture } from './file-list.ts';
import { checkRoots, isInside } from './find-pictures.ts';
import { compareNames, type NameOrder, nameOrders } from './name-order.ts';

/** Options of {@link readFolder}. */
export interface FolderOptions {
  /** A folder that contains one folder per class, or several such folders. */
  readonly root: string | readonly string[];
  /** The order of classes, folders and files; default `natural`. */
  readonly order?: NameOrder;
  /** Separates several labels in a folder's name, e.g. `+` in `cat+dog`; default: a folder is one class. */
  readonly separator?: string;
  /** Folders in the root that contain the class folders, e.g. `['train', 'val']`; default: the root contains them. */
  readonly splits?: readonly string[];
}

const endings = new Set(['.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif', '.tiff', '.webp', '.gif', '.avif']);

const where = 'readFolder';

/**
 * Reads pictures sorted into folders by class: `<root>/<class>/…` or `<root>/<split>/<class>/…`, with subfolders of any
 * depth. Classes are in order; in each class its files come first, then those of its subfolders. Names that start with
 * a dot are ignored, and so are files without a picture's extension.
 *
 * @throws DataError on a root or split that is not a folder, a class without pictures, or a link that leads out of the
 *   root; OptionError
 */
export async function readFolder(options: FolderOptions): Promise<FileList> {
  checkOptionNames(where, options, ['root', 'order', 'separator', 'splits']);
  const { order = 'natural', separator, splits } = options;
  checkChoice(where, 'options.order', order, nameOrders);
  const roots = [options.root].flat();
  checkRoots(where, roots);
  const compare = compareNames(order);
  const found: { readonly picture: Omit<ListedPicture, 'present' | 'absent'>; readonly labels: readonly string[] }[] =
    [];
  for (const split of splits ?? [null]) {
    const tops = roots.map((root) => ({ root, top: split === null ? root : join(root, split) }));
    if (split !== null)
      checkRoots(
        where,
        tops.map(({ top }) => top),
      );
    const byClass = await Promise.all(tops.map(async ({ root, top }) => ({ root, top, names: await foldersIn(top) })));
    const names = [...new Set(byClass.flatMap((one) => one.names))].sort(compare);
    if (names.length === 0) throw refuse(tops[0].top, 'a folder with a folder for each class', 'one without folders');
    for (const name of names) {
      const before = found.length;
      for (const { root, top, names: own } of byClass) {
        if (!own.includes(name)) continue;
        for await (const below of picturesIn(root, join(top, name), name, compare)) {
          const file = split === null ? below : `${split}/${below}`;
          const picture = { key: below, file, path: join(top, below), split, place: file };
          found.push({ picture, labels: separator ? labelsOf(name, separator) : [name] });
        }
      }
      if (found.length === before) throw refuse(join(tops[0].top, name), 'a class with pictures', 'none');
    }
  }
  const classes = [...new Set(found.flatMap(({ labels }) => labels))].sort(compare);
  const indexOf = new Map(classes.map((name, c) => [name, c]));
  return {
    classes: classList(classes),
    pictures: found.map(({ picture, labels }) => ({
      ...picture,
      present: Int32Array.from(labels, (label) => indexOf.get(label) as number).sort(),
      absent: 'rest',
    })),
  };
}

function labelsOf(name: string, separator: string): readonly string[] {
  return [...new Set(name.split(separator).map((label) => label.trim()))].filter((label) => label !== '');
}

/** Names of the subfolders of a folder, without hidden ones. */
export async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => !entry.name.startsWith('.') && entry.isDirectory()).map(({ name }) => name);
}

/** Pictures in a folder, as `<below>/…`: its own files first, then those of its subfolders. */
async function* picturesIn(
  root: string,
  path: string,
  below: string,
  compare: (a: string, b: string) => number,
): AsyncGenerator<string> {
  const entries = (await readdir(path, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  entries.sort((a, b) => compare(a.name, b.name));
  for (const entry of entries) {
    if (entry.isDirectory() || !endings.has(extname(entry.name).toLowerCase())) continue;
    const file = join(path, entry.name);
    if (entry.isSymbolicLink() && !(await isInside(root, file))) {
      throw refuse(file, 'inside the root', 'a link that leads out of it');
    }
    yield `${below}/${entry.name}`;
  }
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    yield* picturesIn(root, join(path, name), `${below}/${name}`, compare);
  }
}

function refuse(argument: string, expected: string, received: string): DataError {
  return new DataError({ where, argument, expected, received });
}
