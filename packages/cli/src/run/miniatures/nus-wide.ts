import { type Files, lines, type MiniatureScenes, type SceneFile } from './scenes.ts';

/** NUS-WIDE: the seen classes are 20 tags, the unseen classes are ten concepts. */
export function nusWideFiles({ names: given, train, test }: MiniatureScenes): Files {
  const names = given.map((name) => name.replaceAll(' ', '-'));
  const [tags, concepts] = [names.slice(0, 20), names.slice(20)].map((list) => [...list].sort());
  const files: Files = new Map();
  const pathOf = (split: string, i: number): string => `${split}\\${String(i + 1).padStart(4, '0')}_${1000 + i}.jpg`;
  const all = (Object.entries({ train, test }) as [string, readonly SceneFile[]][]).flatMap(([split, scenes]) =>
    scenes.map((scene, i) => ({ ...scene, split, path: pathOf(split, i) })),
  );
  for (const { path, jpeg } of all) files.set(`Flickr/${path.replace('\\', '/')}`, jpeg);
  const paths = (split?: string): string =>
    lines(all.filter((one) => !split || one.split === split).map(({ path }) => path));
  files.set('ImageList/Imagelist.txt', paths());
  files.set('ImageList/TrainImagelist.txt', paths('train'));
  files.set('ImageList/TestImagelist.txt', paths('test'));
  files.set('Concepts81.txt', lines(concepts));
  files.set('NUS_WID_Tags/TagList1k.txt', lines(tags));
  const marks = (list: readonly string[], classes: readonly number[]): number[] =>
    list.map((name) => (classes.some((c) => names[c] === name) ? 1 : 0));
  files.set('NUS_WID_Tags/AllTags1k.txt', lines(all.map(({ classes }) => marks(tags, classes).join('\t'))));
  for (const concept of concepts) {
    files.set(`AllLabels/Labels_${concept}.txt`, lines(all.map(({ classes }) => marks([concept], classes)[0])));
  }
  return files;
}
