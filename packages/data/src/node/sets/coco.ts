import type { ClassList } from '../../data-set.ts';
import type { CocoOptions } from '../../sets/coco.ts';
import { readCocoFile } from './coco-file.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';
import { SplitImages } from './split-images.ts';

/**
 * Reads Microsoft COCO of one year: `annotations/instances_<split><year>.json` and `<split><year>/`. Classes are
 * ordered by ascending category id. A class that is not annotated is absent.
 */
export function readCoco(year: string): SetReader<CocoOptions> {
  return async ({ folder, splits, options: { emptyImages, crowd } }) => {
    const read: Record<string, ReadSplit> = {};
    let classes: ClassList = [];
    for (const split of splits) {
      const name = `annotations/instances_${split}${year}.json`;
      const file = await readCocoFile(folder.where, folder.path(name), name, (annotation) => {
        return crowd === 'keep' || annotation.iscrowd !== 1;
      });
      if (classes.length > 0 && JSON.stringify(classes) !== JSON.stringify(file.classes)) {
        throw folder.refuse(name, 'the categories of the other splits', 'others');
      }
      classes = file.classes;
      const places = emptyImages === 'keep' ? file.ids.keys() : file.annotated;
      const images = new SplitImages(folder, classes.length);
      const ids: number[] = [];
      for (const i of places) {
        const id = file.ids[i];
        const row = { present: file.present[i], absent: 'rest' } as const;
        await images.add(`${id}`, `${split}${year}/${file.fileNames[i]}`, `${name}, image ${id}`, row);
        ids.push(id);
      }
      read[split] = { ...images.read(), cocoIds: Float64Array.from(ids) };
    }
    return { classes, splits: read };
  };
}
