import { type Files, lines, type MiniatureScenes, type SceneFile } from './scenes.ts';

/**
 * Open Images: 20 seen and 20 unseen classes. The ten classes that are not in training are each given twice. Half of
 * the labels are known.
 */
export function openImagesFiles({ names, train, test }: MiniatureScenes): Files {
  const seen = names.slice(0, 20).map((name, c) => ({ id: `/m/0s${c}`, name, c }));
  const unseen = names
    .slice(20)
    .flatMap((name, i) => ['', ' again'].map((end, k) => ({ id: `/m/0u${2 * i + k}`, name: name + end, c: 20 + i })));
  const files: Files = new Map();
  files.set('classes-trainable.txt', lines(seen.map(({ id }) => id)));
  files.set('unseen_labels.txt', lines(unseen.map(({ id }) => id)));
  files.set('top_400_unseen.csv', lines(unseen.map((_, i) => i)));
  files.set('class-descriptions.csv', lines([...seen, ...unseen].map(({ id, name }) => `${id},${name}`)));
  const half = Math.ceil(test.length / 2);
  const splits = { train, validation: test.slice(0, half), test: test.slice(half) };
  for (const [split, scenes] of Object.entries(splits) as [string, readonly SceneFile[]][]) {
    const rows: string[] = [];
    for (const [i, { jpeg, classes }] of scenes.entries()) {
      const id = `${split[0]}${String(i).padStart(4, '0')}`;
      files.set(`${split}/${id}.jpg`, jpeg);
      for (const entry of split === 'train' ? seen : [...seen, ...unseen]) {
        const isPresent = classes.includes(entry.c);
        if (isPresent || (entry.c + i) % 2 === 0) rows.push(`${id},verification,${entry.id},${isPresent ? 1 : 0}`);
      }
    }
    files.set(`${split}-annotations-human-imagelabels.csv`, lines(['ImageID,Source,LabelName,Confidence', ...rows]));
  }
  return files;
}
