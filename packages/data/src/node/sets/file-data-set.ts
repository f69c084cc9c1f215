import type { DecodeMode } from '@ltml/images/node';
import { DataError, nearestName } from '@ltml/tensor';
import {
  type DataSet,
  type LabelledPictures,
  multiLabelProtocol,
  type SplitRole,
  singleLabelProtocol,
} from '../../data-set.ts';
import { sparseLabels } from '../../sparse-labels.ts';
import { namesOf, pictureFiles } from '../picture-files.ts';
import type { FileList, ListedPicture } from './file-list.ts';

/** What the splits of a data set may be called. */
const usualNames: Readonly<Record<SplitRole, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'val', 'valid', 'dev'],
  test: ['test', 'testing'],
};

/** The role of a split of that name; undefined if it is not a usual one. */
export function usualRole(name: string): SplitRole | undefined {
  const roles = Object.keys(usualNames) as SplitRole[];
  return roles.find((role) => usualNames[role].includes(name.toLowerCase()));
}

export interface FileDataSetOptions {
  readonly name: string;
  /** How pictures are decoded; default `upright`, as people see them. */
  readonly mode?: DecodeMode;
  /** Whether the classes of an image exclude one another; default `multi`. */
  readonly labels?: 'single' | 'multi';
  /** What the splits are called; left out, by the usual names. Images of other splits are left out where it is given. */
  readonly splits?: Readonly<Partial<Record<SplitRole, string>>>;
}

const where = 'fileDataSet';

/**
 * A data set of listed files. Images without a split are for training.
 *
 * @throws DataError on a split of unknown name, no training images, a class whose labels are all unknown in training,
 *   classes that no image tells apart, and on an image of `single` labels that has none or several, by place
 */
export function fileDataSet(list: FileList, options: FileDataSetOptions): DataSet {
  const { name, mode = 'upright', labels = 'multi', splits } = options;
  const byRole: Record<SplitRole, ListedPicture[]> = { train: [], validation: [], test: [] };
  for (const picture of list.pictures) {
    const role = roleOf(picture, splits);
    if (role) byRole[role].push(picture);
  }
  if (byRole.train.length === 0) {
    const named = [...new Set(list.pictures.map(({ split }) => split ?? 'no split'))].join(', ') || 'no pictures';
    throw new DataError({ where, argument: name, expected: 'a data set with training images', received: named });
  }
  if (labels === 'single') for (const picture of list.pictures) checkSingle(picture);
  checkTold(list, byRole.train);
  const columns = list.classes.length;
  const make = (role: SplitRole): LabelledPictures => ({
    name: `${name}/${role}`,
    labels: sparseLabels(byRole[role], columns),
    pictures: pictureFiles(namesOf(byRole[role]), mode),
  });
  return {
    name,
    version: null,
    classes: list.classes,
    splits: {
      train: make('train'),
      ...(byRole.validation.length > 0 && { validation: make('validation') }),
      ...(byRole.test.length > 0 && { test: make('test') }),
    },
    protocol: labels === 'single' ? singleLabelProtocol : multiLabelProtocol,
  };
}

function roleOf({ split, place }: ListedPicture, splits: FileDataSetOptions['splits']): SplitRole | undefined {
  if (split === null) return 'train';
  if (splits) return (Object.keys(splits) as SplitRole[]).find((role) => splits[role] === split);
  const role = usualRole(split);
  if (role) return role;
  const known = Object.values(usualNames).flat();
  const meant = nearestName(split, known);
  throw new DataError({
    where,
    argument: `${place},`,
    expected: `a split among ${known.join(', ')}`,
    received: `"${split}"`,
    hint: meant === undefined ? 'Name the splits: splits: { train, validation, test }.' : `Is it "${meant}"?`,
  });
}

function checkSingle({ present, place }: ListedPicture): void {
  if (present.length === 1) return;
  throw new DataError({ where, argument: `${place},`, expected: 'one label', received: `${present.length}` });
}

/** Every class must be known of some training image, and some image must lack what another has. */
function checkTold({ classes }: FileList, train: readonly ListedPicture[]): void {
  const known = new Uint8Array(classes.length);
  let rest = 0;
  let positives = 0;
  for (const { present, absent } of train) {
    positives += present.length;
    for (const c of present) known[c] = 1;
    if (absent === 'rest') rest++;
    else for (const c of absent) known[c] = 1;
  }
  const unknown = rest > 0 ? -1 : known.indexOf(0);
  if (unknown >= 0) {
    const expected = 'a class that is known of some training image';
    const received = `unknown labels only, ${span(train)}`;
    throw new DataError({ where, argument: `"${classes[unknown].name}"`, expected, received });
  }
  if (classes.length > 1 || positives < train.length) return;
  const received = `${classes.map(({ name }) => `"${name}"`).join(', ') || 'none'}, which every image has, ${span(train)}`;
  throw new DataError({ where, argument: 'classes', expected: 'at least two, or one that images lack', received });
}

/** Where images stand. */
function span(pictures: readonly ListedPicture[]): string {
  return `from ${pictures[0].place} to ${pictures[pictures.length - 1].place}`;
}
