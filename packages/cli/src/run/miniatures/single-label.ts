import { type Files, lines, type MiniatureScenes, type SceneFile, side } from './scenes.ts';

/** ImageNet-LT or Places-LT, made of scenes of one class. */
export function pathListFiles({ train, test }: MiniatureScenes, prefix: 'ImageNet_LT' | 'Places_LT'): Files {
  const files: Files = new Map();
  const idOf = (c: number): string => `n${String(10_000_000 + c)}`;
  const add = (scenes: readonly SceneFile[], pathOf: (c: number, i: number) => string): string =>
    lines(
      scenes.map(({ jpeg, classes: [c] }, i) => {
        files.set(pathOf(c, i), jpeg);
        return `${pathOf(c, i)} ${c}`;
      }),
    );
  const ofClass = (first: number) => (c: number, i: number) => `train/${idOf(c)}/${idOf(c)}_${first + i}.JPEG`;
  files.set(`${prefix}_train.txt`, add(train, ofClass(1)));
  files.set(`${prefix}_val.txt`, add(train.slice(0, 8), ofClass(1001)));
  const ofTest = (_: number, i: number): string => `val/ILSVRC2012_val_${String(i + 1).padStart(8, '0')}.JPEG`;
  files.set(`${prefix}_test.txt`, add(test, ofTest));
  return files;
}

/** iNaturalist 2018, made of scenes of one class. */
export function inaturalistFiles({ names, train, test }: MiniatureScenes): Files {
  const files: Files = new Map();
  const categories = names.map((name, id) => ({ id, name, supercategory: 'Digiti' }));
  let next = 1;
  for (const [split, scenes] of Object.entries({ train, val: test })) {
    const images = scenes.map(({ jpeg, classes: [c] }) => {
      const file = `train_val2018/Digiti/${c}/${String(next).padStart(6, '0')}.jpg`;
      files.set(file, jpeg);
      return { id: next++, file_name: file, width: side, height: side };
    });
    const annotations = images.map(({ id }, i) => ({ id, image_id: id, category_id: scenes[i].classes[0] }));
    files.set(`${split}2018.json`, JSON.stringify({ images, annotations, categories }));
  }
  files.set('categories.json', JSON.stringify(categories));
  return files;
}
