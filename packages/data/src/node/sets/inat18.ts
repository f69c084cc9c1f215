import type { ClassList } from '../../data-set.ts';
import type { NoOptions } from '../../sets/multi-label-lt.ts';
import { readCocoFile } from './coco-file.ts';
import { eachElement, wholeFile } from './json-elements.ts';
import type { SetFolder } from './set-folder.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';
import { SplitImages } from './split-images.ts';

/**
 * Reads iNaturalist 2018 from `<split>2018.json`. Class names come from `categories.json`, because those in the splits
 * are obfuscated.
 */
export const readInat18: SetReader<NoOptions> = async ({ folder, splits }) => {
  const classes = await categories(folder);
  const read: Record<string, ReadSplit> = {};
  for (const split of splits) {
    const name = `${split}2018.json`;
    const file = await readCocoFile(folder.where, folder.path(name), name);
    const other = file.classes.findIndex(({ id }, c) => id !== classes[c]?.id);
    if (other >= 0) throw folder.refuse(name, 'the ids of categories.json', `category ${file.classes[other].id}`);
    const images = new SplitImages(folder, classes.length);
    for (const [i, id] of file.ids.entries()) {
      const row = { present: file.present[i], absent: 'rest' } as const;
      await images.add(`${id}`, file.fileNames[i], `${name}, image ${id}`, row);
    }
    read[split] = images.read();
  }
  return { classes, splits: read };
};

/** Classes by ascending id, whatever their order in the file. */
async function categories(folder: SetFolder): Promise<ClassList> {
  const name = 'categories.json';
  const byId = new Map<number, string>();
  await eachElement(folder.where, folder.path(name), name, {
    [wholeFile](category, place) {
      const { id, name: text } = category;
      if (!Number.isSafeInteger(id) || typeof text !== 'string' || byId.has(id as number)) {
        throw folder.refuse(place(), 'an id of its own and a name', JSON.stringify({ id, name: text }));
      }
      byId.set(id as number, text);
    },
  });
  const sorted = [...byId].sort(([a], [b]) => a - b);
  return sorted.map(([id, text]) => ({ name: text, id: `${id}`, seen: true }));
}
