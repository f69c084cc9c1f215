import { nearestName } from '@ltml/tensor';
import type { LabelRow } from '@ltml/tensor/labels';
import { XMLParser } from 'fast-xml-parser';
import { classList } from '../../data-set.ts';
import { type VocOptions, vocClasses } from '../../sets/voc.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit, SetReader, SetRequest } from './set-reader.ts';
import { SplitImages } from './split-images.ts';

/** Other spellings of class names. */
const aliases: Readonly<Record<string, string>> = {
  'dining table': 'diningtable',
  'potted plant': 'pottedplant',
  'tv monitor': 'tvmonitor',
};

/** The classes of an image: `easy` if at least one object is not marked difficult, otherwise `difficult`. */
type Objects = ReadonlyMap<number, 'easy' | 'difficult'>;

/** Reads PASCAL VOC of one year, in `VOCdevkit/VOC<year>`. The picture is `<id>.jpg`; `<filename>` is ignored. */
export function readVoc(year: string): SetReader<VocOptions> {
  return async ({ folder, splits, options: { difficult, labels }, onWarning }) => {
    const read: Record<string, ReadSplit> = {};
    for (const split of splits) {
      const ids = await vocIds(folder, year, split);
      const objects =
        labels === 'main'
          ? await mainObjects(folder, year, split, ids)
          : await annotatedObjects({ folder, onWarning }, year, ids);
      const images = new SplitImages(folder, vocClasses.length);
      for (const { id, place } of ids) {
        const row = rowOf(objects.get(id) ?? new Map(), difficult);
        await images.add(id, `VOCdevkit/VOC${year}/JPEGImages/${id}.jpg`, place, row);
      }
      read[split] = images.read();
    }
    return { classes: classList(vocClasses), splits: read };
  };
}

interface ListedId {
  readonly id: string;
  readonly place: string;
}

/** The images of a split, in the order of its list. */
export async function vocIds(folder: SetFolder, year: string, split: string): Promise<readonly ListedId[]> {
  const lines = await folder.lines(`VOCdevkit/VOC${year}/ImageSets/Main/${split}.txt`);
  return lines.map(({ text, place }) => ({ id: text.trim(), place }));
}

/**
 * Reads the objects of images from their XML files, by id. One warning covers all files without a mark of difficulty.
 */
export async function annotatedObjects(
  { folder, onWarning }: Pick<SetRequest<unknown>, 'folder' | 'onWarning'>,
  year: string,
  ids: readonly ListedId[],
): Promise<ReadonlyMap<string, Objects>> {
  const parser = new XMLParser({ isArray: (name) => name === 'object', parseTagValue: false });
  const unmarked: string[] = [];
  const found = new Map<string, Objects>();
  for (const { id } of ids) {
    const file = `VOCdevkit/VOC${year}/Annotations/${id}.xml`;
    const objects = new Map<number, 'easy' | 'difficult'>();
    for (const { name, difficult } of objectsOf(parser, await folder.text(file), file, folder)) {
      const c = vocClasses.indexOf(aliases[name] ?? name);
      if (c < 0) throw unknownClass(folder, file, name);
      if (difficult !== '0' && difficult !== '1' && unmarked[unmarked.length - 1] !== file) unmarked.push(file);
      if (difficult !== '1') objects.set(c, 'easy');
      else if (!objects.has(c)) objects.set(c, 'difficult');
    }
    found.set(id, objects);
  }
  if (unmarked.length > 0) {
    const files = unmarked.length === 1 ? unmarked[0] : `${unmarked[0]} and ${unmarked.length - 1} more`;
    onWarning(`${folder.where}: objects without <difficult> 0 or 1 count as 0, not difficult: ${files}`);
  }
  return found;
}

interface XmlObject {
  readonly name: string;
  readonly difficult: string | undefined;
}

function objectsOf(parser: XMLParser, text: string, file: string, folder: SetFolder): readonly XmlObject[] {
  let document: { readonly annotation?: { readonly object?: readonly Partial<XmlObject>[] } };
  try {
    document = parser.parse(text, true);
  } catch (cause) {
    throw folder.refuse(file, 'valid XML', (cause as Error).message);
  }
  if (document.annotation === undefined) throw folder.refuse(file, 'XML with an <annotation>', 'none');
  return (document.annotation.object ?? []).map(({ name, difficult }) => {
    if (typeof name === 'string' && name !== '') return { name, difficult };
    throw folder.refuse(file, 'objects with one <name>', name === undefined ? 'one without' : 'another');
  });
}

function unknownClass(folder: SetFolder, file: string, name: string): Error {
  const meant = nearestName(name, vocClasses);
  return folder.refuse(
    file,
    'objects of the 20 classes',
    `"${name}"${meant === undefined ? '' : ` (is it "${meant}"?)`}`,
  );
}

/** Reads `Main/<class>_<split>.txt`: 1 present, 0 difficult, −1 absent. */
async function mainObjects(
  folder: SetFolder,
  year: string,
  split: string,
  ids: readonly ListedId[],
): Promise<ReadonlyMap<string, Objects>> {
  const found = new Map(ids.map(({ id }) => [id, new Map<number, 'easy' | 'difficult'>()]));
  for (const [c, name] of vocClasses.entries()) {
    const file = `VOCdevkit/VOC${year}/ImageSets/Main/${name}_${split}.txt`;
    const left = new Set(found.keys());
    for (const { text, place } of await folder.lines(file)) {
      const [id, flag, ...more] = text.trim().split(/\s+/);
      if (!['1', '0', '-1'].includes(flag) || more.length > 0) {
        throw folder.refuse(place, 'an id and 1, 0 or -1', `"${text.slice(0, 40)}"`);
      }
      if (!left.delete(id)) throw folder.refuse(place, `an image of ${split}.txt, once`, id);
      if (flag !== '-1') found.get(id)?.set(c, flag === '1' ? 'easy' : 'difficult');
    }
    const [missing] = left;
    if (missing !== undefined)
      throw folder.refuse(file, `a line for each image of ${split}.txt`, `none for ${missing}`);
  }
  return found;
}

/** The labels of an image, given what its difficult classes count as. */
export function rowOf(objects: Objects, difficult: VocOptions['difficult']): LabelRow {
  const present: number[] = [];
  const unknown: number[] = [];
  for (const [c, kind] of objects) {
    if (kind === 'easy' || difficult === 'positive') present.push(c);
    else if (difficult === 'unknown') unknown.push(c);
  }
  const absent = vocClasses.flatMap((_, c) => (present.includes(c) || unknown.includes(c) ? [] : [c]));
  return { present: Int32Array.from(present).sort(), absent: unknown.length === 0 ? 'rest' : Int32Array.from(absent) };
}
