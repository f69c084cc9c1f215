import { classList } from '../../data-set.ts';
import { type CheckedFact, compareCount, recallOverPrecision } from '../../expected-count.ts';
import type { NusWideOptions } from '../../sets/nus-wide.ts';
import { listEntries } from '../import/list-entries.ts';
import { eachLine } from './each-line.ts';
import type { SetFolder, TextLine } from './set-folder.ts';
import type { ReadSplit, SetReader } from './set-reader.ts';
import { SplitImages } from './split-images.ts';

const imageList = 'ImageList/Imagelist.txt';
const splitLists: Readonly<Record<string, string>> = {
  train: 'ImageList/TrainImagelist.txt',
  test: 'ImageList/TestImagelist.txt',
};

/** Concepts of the official list that equal no tag. */
const untaggedConcepts = ['computer', 'fire', 'map', 'swimmers', 'tattoo', 'whales'];

/**
 * Reads NUS-WIDE as its authors publish it. Seen classes are the tags that equal no concept, labelled by the unfiltered
 * Flickr tags. Unseen classes are the concepts, labelled by people (`AllLabels`, not `AllTags81`). Training images have
 * labels of the seen classes only. A label that is not listed is absent; images without labels are kept.
 *
 * Source: Chua et al. (CIVR 2009); split of Huynh and Elhamifar (CVPR 2020), as in MKT.
 */
export const readNusWide: SetReader<NusWideOptions> = async ({ folder, splits, lists, options }) => {
  const concepts = await namesIn(folder, 'Concepts81.txt');
  const images = await namesIn(folder, imageList);
  const isSeen = options.labels === 'all';
  const tags = isSeen ? await namesIn(folder, 'NUS_WID_Tags/TagList1k.txt') : [];
  const isConcept = new Set(concepts);
  const seenOf = new Map(tags.flatMap((tag, i) => (isConcept.has(tag) ? [] : [i])).map((tag, c) => [tag, c]));

  const rowOf = new Map(images.map((name, i) => [name, i]));
  const present: number[][] = images.map(() => []);
  if (isSeen) {
    await eachMark(folder, 'NUS_WID_Tags/AllTags1k.txt', images.length, tags.length, (image, tag) => {
      const c = seenOf.get(tag);
      if (c !== undefined) present[image].push(c);
    });
  }
  for (const [c, concept] of concepts.entries()) {
    await eachMark(folder, `AllLabels/Labels_${concept}.txt`, images.length, 1, (image) => {
      present[image].push(seenOf.size + c);
    });
  }
  const read: Record<string, ReadSplit> = {};
  for (const split of splits) {
    const file = Object.hasOwn(lists, split) ? lists[split] : splitLists[split];
    if (file === undefined) throw folder.refuse(split, 'one of the splits train, test', 'another');
    const columns = isSeen && split === 'train' ? seenOf.size : seenOf.size + concepts.length;
    const chosen = new SplitImages(folder, columns);
    for (const { text: listed, place } of await listEntries(folder, file)) {
      const text = /[\\/]/.test(listed) ? listed.replaceAll('/', '\\') : asListed(listed);
      const image = rowOf.get(text);
      if (image === undefined) throw folder.refuse(place, `an image of ${imageList}`, text);
      const row = Int32Array.from(present[image]).filter((c) => c < columns);
      const path = text.replaceAll('\\', '/');
      await chosen.add(path, `Flickr/${path}`, place, { present: row, absent: 'rest' });
    }
    read[split] = chosen.read();
  }
  const seenNames = [...seenOf.keys()].map((tag) => tags[tag]);
  const classes = classList([...seenNames, ...concepts]).map((entry, c) => {
    return { ...entry, seen: !isSeen || c < seenOf.size };
  });
  return {
    classes,
    splits: read,
    facts: factsOf(concepts, isSeen ? tags : null, seenOf.size, Object.hasOwn(lists, 'test') ? undefined : read.test),
  };
};

/** Lists in pickles write `actor_0002_174174086.jpg`: the last two of its parts are the file name. */
function asListed(name: string): string {
  const parts = name.split('_');
  return `${parts.slice(0, -2).join('_')}\\${parts.slice(-2).join('_')}`;
}

/** Reads names, one per line, without repeats. */
async function namesIn(folder: SetFolder, file: string): Promise<readonly string[]> {
  const lines = await folder.lines(file);
  const seen = new Set<string>();
  for (const { text, place } of lines) {
    if (seen.has(text)) throw folder.refuse(place, 'a name that is not listed yet', `${text} again`);
    seen.add(text);
  }
  return lines.map(({ text }: TextLine) => text);
}

/** Calls a function for the ones in rows of 0 and 1 separated by blanks, one row per image. */
async function eachMark(
  folder: SetFolder,
  file: string,
  rows: number,
  columns: number,
  visit: (row: number, column: number) => void,
): Promise<void> {
  const lines = `${rows} lines, one per image of ${imageList}`;
  const expected = columns === 1 ? '0 or 1' : `${columns} times 0 or 1, separated by blanks`;
  const count = await eachLine(folder.stream(file), (line, row) => {
    const refuse = (received: string): Error => folder.refuse(`${file}, line ${row + 1}`, expected, received);
    if (row >= rows) throw folder.refuse(file, lines, 'more');
    let column = 0;
    let apart = true;
    for (let at = 0; at < line.length; at++) {
      const code = line.charCodeAt(at);
      const isBlank = code === 32 || code === 9;
      if (!isBlank) {
        if (!apart || (code !== 48 && code !== 49)) throw refuse(`"${line.trim().slice(0, 40)}"`);
        if (code === 49 && column < columns) visit(row, column);
        column++;
      }
      apart = isBlank;
    }
    if (column !== columns) throw refuse(`${column}`);
  });
  if (count < rows) throw folder.refuse(file, lines, `${count} lines`);
}

/** The official list of concepts is recognised by its order and by the six concepts that equal no tag. */
function factsOf(
  concepts: readonly string[],
  tags: readonly string[] | null,
  seen: number,
  test: ReadSplit | undefined,
): readonly CheckedFact[] {
  const misplaced = concepts.find((name, c) => c > 0 && name <= concepts[c - 1]);
  const facts: CheckedFact[] = [
    {
      what: 'order of the concepts',
      found: misplaced === undefined ? 'alphabetical' : `"${misplaced}" is misplaced`,
      expected: 'alphabetical',
      holds: misplaced === undefined,
    },
  ];
  if (!tags) return facts;
  const isTag = new Set(tags);
  const [found, expected] = [concepts.filter((name) => !isTag.has(name)), untaggedConcepts].map((list) =>
    list.join(', '),
  );
  facts.push({ what: 'concepts that equal no tag', found, expected, holds: found === expected });
  if (!test) return facts;
  const { rows } = test.labels;
  let unseenPositives = 0;
  for (let row = 0; row < rows; row++) {
    for (const c of test.labels.row(row).present) if (c >= seen) unseenPositives++;
  }
  const ratio = recallOverPrecision(3, rows, unseenPositives);
  return [
    ...facts,
    compareCount('test: present labels of unseen classes', unseenPositives, [202370, 202406]),
    // Independent of the scores; an evaluation with another ratio used other images or labels.
    compareCount('test: recall over precision, ZSL@3', ratio, [1.5986, 1.599]),
  ];
}
