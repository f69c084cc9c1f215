import { classNamesOf } from './class-names.ts';
import { type Files, lines, type MiniatureScenes, type SceneFile, side } from './scenes.ts';

const vocClasses = classNamesOf('voc07');

/** VOC 2007: trainval and test in `VOCdevkit/VOC2007`. */
export function voc07Files({ train, test }: MiniatureScenes): Files {
  const files: Files = new Map();
  addImages(files, 2007, 'trainval', train, (i) => String(2 * i + 1).padStart(6, '0'));
  addImages(files, 2007, 'test', test, (i) => String(2 * i + 2).padStart(6, '0'));
  return files;
}

/** VOC 2012: train and val in `VOCdevkit/VOC2012`. */
export function voc12Files({ train, test }: MiniatureScenes): Files {
  const files: Files = new Map();
  addImages(files, 2012, 'train', train, (i) => `2008_${String(2 * i + 1).padStart(6, '0')}`);
  addImages(files, 2012, 'val', test, (i) => `2008_${String(2 * i + 2).padStart(6, '0')}`);
  return files;
}

/** VOC-MLT: trainval of VOC 2012 and test of VOC 2007; `voc-mlt.txt` lists the training images. */
export function vocLongTailFiles({ train, test }: MiniatureScenes): Files {
  const files: Files = new Map();
  const nameOf = (i: number): string => `2008_${String(i + 1).padStart(6, '0')}`;
  addImages(files, 2012, 'trainval', train, nameOf);
  addImages(files, 2007, 'test', test, (i) => String(i + 1).padStart(6, '0'));
  files.set('voc-mlt.txt', lines(train.map((_, i) => nameOf(i))));
  return files;
}

function addImages(
  files: Files,
  year: number,
  split: string,
  scenes: readonly SceneFile[],
  nameOf: (i: number) => string,
): void {
  const folder = `VOCdevkit/VOC${year}`;
  files.set(`${folder}/ImageSets/Main/${split}.txt`, lines(scenes.map((_, i) => nameOf(i))));
  for (const [i, { jpeg, classes }] of scenes.entries()) {
    files.set(`${folder}/JPEGImages/${nameOf(i)}.jpg`, jpeg);
    files.set(`${folder}/Annotations/${nameOf(i)}.xml`, annotation(nameOf(i), classes));
  }
}

function annotation(name: string, classes: readonly number[]): string {
  const objects = classes.map(
    (c) =>
      `<object><name>${vocClasses[c]}</name><difficult>0</difficult>` +
      `<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>${side}</xmax><ymax>${side}</ymax></bndbox></object>`,
  );
  const size = `<size><width>${side}</width><height>${side}</height><depth>3</depth></size>`;
  return `<annotation><filename>${name}.jpg</filename>${size}${objects.join('')}</annotation>\n`;
}
