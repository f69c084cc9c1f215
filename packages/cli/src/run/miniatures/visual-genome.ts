import { type Files, lines, type MiniatureScenes, side } from './scenes.ts';

/** Visual Genome: images and objects, and the lists of splits and labels with the file names of VG-200. */
export function visualGenomeFiles({ names, train, test }: MiniatureScenes): Files {
  const files: Files = new Map();
  const images: object[] = [];
  const objects: object[] = [];
  const listed: Record<'train' | 'test', string[]> = { train: [], test: [] };
  const labels: Record<string, readonly number[]> = {};
  for (const [split, scenes] of Object.entries({ train, test }) as ['train' | 'test', typeof train][]) {
    for (const { jpeg, classes } of scenes) {
      const id = 1 + images.length;
      const folder = id % 2 === 0 ? 'VG_100K' : 'VG_100K_2';
      const url = `https://example.org/${folder}/${id}.jpg`;
      files.set(`${folder}/${id}.jpg`, jpeg);
      images.push({ image_id: id, url, width: side, height: side, coco_id: null, flickr_id: null });
      objects.push({
        image_id: id,
        image_url: url,
        objects: classes.map((c) => ({ object_id: 100 * id + c, x: 0, y: 0, w: 9, h: 9, names: [names[c]] })),
      });
      listed[split].push(`${id}.jpg`);
      labels[`${id}.jpg`] = classes;
    }
  }
  files.set('image_data.json', JSON.stringify(images));
  files.set('objects.json', JSON.stringify(objects));
  files.set('vg_category_200_labels_index.json', JSON.stringify(labels));
  for (const [split, list] of Object.entries(listed)) files.set(`${split}_list_500.txt`, lines(list));
  return files;
}
