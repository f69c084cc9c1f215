import { classNamesOf } from './class-names.ts';
import { type Files, lines, type MiniatureScenes, type SceneFile, side } from './scenes.ts';

const cocoClasses = classNamesOf('coco17');

/** Ids of the 80 categories: 1 to 90 without these ten. */
const holes = new Set([12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);
const categoryIds = Array.from({ length: 90 }, (_, i) => i + 1).filter((id) => !holes.has(id));

/** The splits train and val of one year. */
export function cocoFiles(scenes: MiniatureScenes, year: 2014 | 2017): Files {
  const files: Files = new Map();
  addSplit(files, year, 'train', scenes.train, 1);
  addSplit(files, year, 'val', scenes.test, 100_001);
  return files;
}

/** COCO 2017 with `coco-mlt.txt`, the list of training images. */
export function cocoLongTailFiles(scenes: MiniatureScenes): Files {
  const files = cocoFiles(scenes, 2017);
  const ids = [...files.keys()].flatMap((path) => /^train2017\/0*(\d+)\.jpg$/.exec(path)?.slice(1) ?? []);
  files.set('coco-mlt.txt', lines(ids));
  return files;
}

/** Adds a split. A scene of class c is also given the classes c + 20, c + 40 and c + 60, so that all 80 have images. */
function addSplit(files: Files, year: number, split: string, scenes: readonly SceneFile[], first: number): void {
  const images: object[] = [];
  const annotations: object[] = [];
  const box = { bbox: [0, 0, side, side], area: side * side, iscrowd: 0 };
  for (const [i, { jpeg, classes }] of scenes.entries()) {
    const id = first + i;
    const digits = String(id).padStart(12, '0');
    const file = year === 2014 ? `COCO_${split}2014_${digits}.jpg` : `${digits}.jpg`;
    files.set(`${split}${year}/${file}`, jpeg);
    images.push({ id, file_name: file, width: side, height: side });
    for (const c of classes.flatMap((own) => [own, own + 20, own + 40, own + 60])) {
      annotations.push({ id: annotations.length + 1, image_id: id, category_id: categoryIds[c], ...box });
    }
  }
  const categories = cocoClasses.map((name, c) => ({ id: categoryIds[c], name }));
  files.set(`annotations/instances_${split}${year}.json`, JSON.stringify({ images, annotations, categories }));
}
