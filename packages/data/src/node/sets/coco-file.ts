import type { ClassEntry } from '../../data-set.ts';
import { eachElement, type JsonObject, type TellPlace } from './json-elements.ts';
import { badFile } from './read-text.ts';

/** The contents of a COCO file, without boxes and masks. */
export interface CocoFile {
  /** Classes by ascending id. */
  readonly classes: readonly ClassEntry[];
  /** Ids of the images, in the order of the file. */
  readonly ids: readonly number[];
  readonly fileNames: readonly string[];
  /** Class indices of each image, ascending. */
  readonly present: readonly Int32Array[];
  /** Indices of the images with an annotation that counts, in the order of the first such annotation. */
  readonly annotated: readonly number[];
}

/**
 * Reads a COCO file of any size, with `images`, `annotations` and `categories` in any order.
 *
 * @param counts decides which annotations count; default all
 * @throws DataError naming file and id
 */
export async function readCocoFile(
  where: string,
  path: string,
  name: string,
  counts: (annotation: JsonObject) => boolean = () => true,
): Promise<CocoFile> {
  const refuse = (place: string, expected: string, received: string): Error =>
    badFile(where, place, expected, received);
  const idOf = (entry: JsonObject, key: string, place: TellPlace): number => {
    const id = entry[key];
    // JSON.parse silently rounds larger numbers.
    if (Number.isSafeInteger(id)) return id as number;
    throw refuse(`${place()},`, `a whole number as "${key}", at most ${Number.MAX_SAFE_INTEGER}`, String(id));
  };
  const placeOf = new Map<number, number>();
  const ids: number[] = [];
  const fileNames: string[] = [];
  const categories = new Map<number, string>();
  const pairs: number[] = [];
  const annotationOf = (pair: number): string => `annotation of image ${pairs[pair]} and category ${pairs[pair + 1]}`;
  await eachElement(where, path, name, {
    images(image, place) {
      const id = idOf(image, 'id', place);
      if (placeOf.has(id)) throw refuse(name, 'one image for each id', `two images with id ${id}`);
      if (typeof image.file_name !== 'string' || image.file_name === '') {
        throw refuse(`${name}, image ${id},`, 'an image with a file_name', 'none');
      }
      placeOf.set(id, ids.length);
      ids.push(id);
      fileNames.push(image.file_name);
    },
    annotations(annotation, place) {
      if (!counts(annotation)) return;
      pairs.push(idOf(annotation, 'image_id', place), idOf(annotation, 'category_id', place));
    },
    categories(category, place) {
      const id = idOf(category, 'id', place);
      if (typeof category.name !== 'string') throw refuse(name, 'categories with names', `category ${id} without`);
      if (categories.has(id)) throw refuse(name, 'categories that differ', `two with id ${id}`);
      categories.set(id, category.name);
    },
  });
  const classes = classesOf(categories);
  if (classes.length === 0) throw refuse(name, 'a file with categories', 'none');
  const names = classes.map(({ name: text }) => text);
  const same = names.find((text, c) => names.indexOf(text) < c);
  if (same !== undefined) throw refuse(name, 'categories that differ', `two with name ${same}`);
  const indexOf = new Map(classes.map(({ id }, c) => [Number(id), c]));
  const found = new Map<number, Set<number>>();
  for (let pair = 0; pair < pairs.length; pair += 2) {
    const place = placeOf.get(pairs[pair]);
    const c = indexOf.get(pairs[pair + 1]);
    if (c === undefined) throw refuse(name, 'annotations of its categories', annotationOf(pair));
    if (place === undefined) throw refuse(name, 'annotations of its images', annotationOf(pair));
    const ofImage = found.get(place);
    if (ofImage) ofImage.add(c);
    else found.set(place, new Set([c]));
  }
  return {
    classes,
    ids,
    fileNames,
    present: ids.map((_, place) => Int32Array.from(found.get(place) ?? []).sort()),
    annotated: [...found.keys()],
  };
}

function classesOf(categories: ReadonlyMap<number, string>): readonly ClassEntry[] {
  return [...categories].sort(([a], [b]) => a - b).map(([id, name]) => ({ name, id: `${id}`, seen: true }));
}
