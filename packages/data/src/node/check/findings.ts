import type { DataSet } from '../../data-set.ts';
import { arePictureFiles } from '../picture-files.ts';
import { type DuplicateGroups, equalGroups, nearGroups } from './duplicates.ts';
import type { PictureFacts } from './picture-facts.ts';

/** A picture of the data set, as a check sees it. */
export interface CheckedPicture {
  readonly key: string;
  /** Path below the root. */
  readonly file: string;
  readonly path: string;
  /** `train`, `validation` or `test`; null if only the file is known. */
  readonly split: string | null;
  /** A text of its labels, for comparison; null without labels. */
  readonly labels: string | null;
}

/** A problem or remark, with the pictures that it is about. */
export interface Finding {
  /** `error`: training would fail or its scores mislead. `warning`: you should look at it. `note`: good to know. */
  readonly level: 'error' | 'warning' | 'note';
  readonly kind: string;
  /** The problem in one sentence. */
  readonly text: string;
  /** Names of classes, or a reason for each picture; if `pictures` is not empty, as many as it has. */
  readonly details: readonly string[];
  /** Indices of the pictures; for duplicates, group after group. */
  readonly pictures: readonly number[];
}

/** A picture is odd if a side is shorter than this, or if one side is this many times the other. */
const shortSide = 32;
const longRatio = 4;
/** A class with fewer training images is hard to learn, and the validation split may get none of them. */
const fewPositives = 5;

/** The pictures of all splits, train first. */
export function picturesOfDataSet({ splits }: DataSet): readonly CheckedPicture[] {
  return Object.entries(splits).flatMap(([split, part]) => {
    if (!part) return [];
    const { pictures, labels } = part;
    if (!arePictureFiles(pictures)) return [];
    return Array.from({ length: pictures.length }, (_, i) => {
      const { present, absent } = labels.row(i);
      const text = `${present.join(' ')} | ${absent === 'rest' ? 'rest' : absent.join(' ')}`;
      return { key: pictures.key(i), file: pictures.file(i), path: pictures.path(i), split, labels: text };
    });
  });
}

/** The problems of the pictures. */
export function pictureFindings(
  pictures: readonly CheckedPicture[],
  facts: readonly PictureFacts[],
): readonly Finding[] {
  const places = Array.from(pictures.keys());
  const where = (test: (fact: PictureFacts) => boolean): number[] => places.filter((i) => test(facts[i]));
  const broken = where((fact) => fact.broken !== null);
  const same = equalGroups(facts.map((fact) => fact.pixels));
  const isSame = new Set(same.map((group) => group.join()));
  const near = nearGroups(facts.map(({ look }) => look)).filter((group) => {
    return !isSame.has(group.join()) && new Set(group.map((i) => facts[i].pixels)).size > 1;
  });
  const leaks = (groups: DuplicateGroups): DuplicateGroups =>
    groups.filter((group) => new Set(group.map((i) => pictures[i].split)).size > 1);
  const inOneSplit = (groups: DuplicateGroups): DuplicateGroups => {
    const leaking = new Set(leaks(groups));
    return groups.filter((group) => !leaking.has(group));
  };
  const otherLabels = same.filter((group) => new Set(group.map((i) => pictures[i].labels)).size > 1);
  const size = (fact: PictureFacts): [number, number] => [
    Math.min(fact.height ?? 0, fact.width ?? 0),
    Math.max(fact.height ?? 0, fact.width ?? 0),
  ];
  const odd = where((fact) => {
    const [short, long] = size(fact);
    return fact.broken === null && (short < shortSide || long > longRatio * short);
  });
  const counted = (list: readonly number[], one: string, many: string): string =>
    `${list.length} ${list.length === 1 ? `picture ${one}` : `pictures ${many}`}`;
  const groupsText = (groups: DuplicateGroups): string =>
    `${groups.length} ${groups.length === 1 ? 'group' : 'groups'}`;
  const ofGroups = (level: Finding['level'], kind: string, text: string, groups: DuplicateGroups): Finding => ({
    level,
    kind,
    text: `${groupsText(groups)} of pictures ${text}`,
    details: groups.map((group) => group.map((i) => nameOf(pictures[i])).join(' = ')),
    pictures: groups.flat(),
  });
  const list = (
    level: Finding['level'],
    kind: string,
    places: readonly number[],
    one: string,
    many: string,
  ): Finding => ({
    level,
    kind,
    text: counted(places, one, many),
    details: places.map((i) => `${nameOf(pictures[i])}: ${detailOf(kind, facts[i])}`),
    pictures: places,
  });
  return [
    list('error', 'broken', broken, 'cannot be read', 'cannot be read'),
    ofGroups('error', 'leak', 'that are the same in several splits', leaks(same)),
    ofGroups('error', 'contradiction', 'that are the same and have different labels', otherLabels),
    ofGroups('warning', 'near-leak', 'that look alike in several splits', leaks(near)),
    ofGroups('warning', 'duplicate', 'that are the same', inOneSplit(same)),
    ofGroups('warning', 'near-duplicate', 'that look alike', inOneSplit(near)),
    list('warning', 'odd-size', odd, 'is very small or very long', 'are very small or very long'),
    list(
      'note',
      'rotated',
      where((fact) => (fact.orientation ?? 1) > 1),
      'is turned by EXIF',
      'are turned by EXIF',
    ),
    list(
      'note',
      'cmyk',
      where((fact) => fact.cmyk === true),
      'has colours for printing',
      'have colours for printing',
    ),
    list(
      'note',
      'animated',
      where((fact) => (fact.frames ?? 1) > 1),
      'moves: the first frame counts',
      'move: the first frame counts',
    ),
  ].filter((finding) => finding.pictures.length > 0);
}

function nameOf({ key, split }: CheckedPicture): string {
  return split === null ? key : `${key} (${split})`;
}

function detailOf(kind: string, { broken, format, height, width, orientation, frames }: PictureFacts): string {
  if (broken !== null) return broken;
  if (kind === 'rotated') return `orientation ${orientation}`;
  if (kind === 'animated') return `${frames} frames`;
  return `${format}, ${width} × ${height}`;
}

/** The problems of the labels. */
export function labelFindings({ classes, splits }: DataSet): readonly Finding[] {
  const { train } = splits;
  const counts = new Int32Array(classes.length);
  const empty: number[] = [];
  let place = 0;
  for (const part of Object.values(splits)) {
    if (!part) continue;
    for (let i = 0; i < part.labels.rows; i++, place++) {
      const { present } = part.labels.row(i);
      if (part === train) for (const c of present) counts[c]++;
      if (present.length === 0) empty.push(place);
    }
  }
  const names = (test: (count: number) => boolean): string[] =>
    classes.filter((_, c) => test(counts[c])).map(({ name }) => name);
  const [none, few] = [names((count) => count === 0), names((count) => count > 0 && count < fewPositives)];
  const text = (list: readonly unknown[], rest: string): string =>
    `${list.length} ${list.length === 1 ? 'class' : 'classes'} ${rest}`;
  const alike = equalGroups(classes.map(({ name }) => withoutTrifles(name))).map((group) =>
    group.map((c) => classes[c].name),
  );
  const findings: Finding[] = [
    {
      level: 'warning',
      kind: 'no-positive',
      text: text(none, 'without a training image'),
      details: none,
      pictures: [],
    },
    {
      level: 'warning',
      kind: 'few-positives',
      text: text(few, `with fewer than ${fewPositives} training images`),
      details: few,
      pictures: [],
    },
    {
      level: 'warning',
      kind: 'similar-names',
      text: text(alike.flat(), 'with names that are nearly the same'),
      details: alike.map((group) => group.join(' = ')),
      pictures: [],
    },
    { level: 'note', kind: 'no-label', text: `${empty.length} pictures without a label`, details: [], pictures: empty },
  ];
  return findings.filter((finding) => finding.details.length + finding.pictures.length > 0);
}

/** A name without capitals, spaces, punctuation and plural s. Two classes with the same result may be a typo. */
function withoutTrifles(name: string): string | undefined {
  const letters = name.toLowerCase().replace(/[\p{P}\p{Z}\p{S}]/gu, '');
  // C++ and C# differ only in punctuation.
  return letters.length < 3 ? undefined : letters.replace(/s$/, '');
}
