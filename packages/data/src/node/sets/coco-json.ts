import { join, posix } from 'node:path';
import { checkOptionNames, DataError } from '@ltml/tensor';
import type { ClassEntry } from '../../data-set.ts';
import type { FileList, ListedPicture } from './file-list.ts';
import { PictureFinder } from './find-pictures.ts';
import { badFile, readText } from './read-text.ts';

export interface CocoJsonOptions {
  /** The folder that all paths are below, or several, which are searched in turn. */
  readonly root: string | readonly string[];
  /** The file, below the first root. */
  readonly annotations: string;
  /** The folder of the pictures, below the root; default the root itself. */
  readonly images?: string;
  /** What split its images belong to; default none. */
  readonly split?: string;
}

const where = 'readCocoJson';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Pictures and labels from a COCO file: `images`, `categories` and `annotations`, of which boxes and areas are not looked
 * at. Images in their order, with those that have no label; classes by ascending id; what is not annotated is absent.
 *
 * @throws DataError by file and id
 */
export async function readCocoJson(options: CocoJsonOptions): Promise<FileList> {
  checkOptionNames(where, options, ['root', 'annotations', 'images', 'split']);
  const { annotations: name, images: folder = '', split = null } = options;
  const roots = [options.root].flat();
  const finder = new PictureFinder(where, roots);
  const document = await readDocument(join(roots[0], name), name);
  const list = (key: string): readonly JsonObject[] => {
    const value = document[key];
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'object' && entry !== null)) return value;
    throw badFile(where, name, `a file with a list "${key}"`, value === undefined ? 'none' : 'something else');
  };
  const classes = classesOf(list('categories'), name);
  const indexOf = new Map(classes.map(({ id }, c) => [Number(id), c]));
  const images = list('images');
  const labels = new Map<number, Set<number>>();
  for (const image of images) {
    const id = idOf(image, 'id', name, 'an image');
    if (labels.has(id)) throw badFile(where, name, 'one image for each id', `two images with id ${id}`);
    labels.set(id, new Set());
  }
  for (const [i, annotation] of list('annotations').entries()) {
    const what = `annotation ${String(annotation.id ?? `${i} of the list`)}`;
    const image = idOf(annotation, 'image_id', name, what);
    const category = idOf(annotation, 'category_id', name, what);
    const c = indexOf.get(category);
    const ofImage = labels.get(image);
    if (c === undefined) throw badFile(where, name, 'annotations of its categories', `${what} of category ${category}`);
    if (!ofImage) throw badFile(where, name, 'annotations of its images', `${what} of image ${image}`);
    ofImage.add(c);
  }
  const pictures: ListedPicture[] = [];
  for (const image of images) {
    const id = image.id as number;
    const place = `${name}, image ${id}`;
    if (typeof image.file_name !== 'string' || image.file_name === '') {
      throw badFile(where, `${place},`, 'an image with a file_name', 'none');
    }
    const found = await finder.find(below(folder, image.file_name), place);
    const present = Int32Array.from(labels.get(id) ?? []).sort();
    pictures.push({ key: `${id}`, ...found, split, place, present, absent: 'rest' });
  }
  return { classes, pictures };
}

/** A path that leaves the folder of the pictures leaves the root, too, so that it is refused. */
function below(folder: string, file: string): string {
  if (posix.isAbsolute(file) || posix.normalize(file).startsWith('..')) return file;
  return posix.join(folder, file);
}

async function readDocument(path: string, name: string): Promise<JsonObject> {
  const text = await readText(where, path, name);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badFile(where, name, 'whole JSON', (cause as Error).message, cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw badFile(where, name, 'a JSON object', Array.isArray(value) ? 'a list' : String(value));
}

function classesOf(categories: readonly JsonObject[], name: string): readonly ClassEntry[] {
  const seen = new Set<string | number>();
  const once = (value: string | number, what: string): void => {
    if (seen.has(value)) throw badFile(where, name, 'categories that differ', `two with ${what} ${value}`);
    seen.add(value);
  };
  const entries = categories.map((category) => {
    const id = idOf(category, 'id', name, 'a category');
    if (typeof category.name !== 'string')
      throw badFile(where, name, 'categories with names', `category ${id} without`);
    once(id, 'id');
    once(category.name, 'name');
    return { id, name: category.name };
  });
  if (entries.length === 0) throw badFile(where, name, 'a file with categories', 'none');
  entries.sort((a, b) => a.id - b.id);
  return entries.map(({ id, name: text }) => ({ name: text, id: `${id}`, seen: true }));
}

/** An id that a double holds: JSON.parse rounds greater ones without a word. */
function idOf(entry: JsonObject, key: string, name: string, what: string): number {
  const id = entry[key];
  if (Number.isSafeInteger(id)) return id as number;
  throw new DataError({
    where,
    argument: name,
    expected: `whole numbers as ids, at most ${Number.MAX_SAFE_INTEGER}`,
    received: `${key} ${String(id)} of ${what}`,
  });
}
