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

/** Usual names of the splits. */
const usualNames: Readonly<Record<SplitRole, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'val', 'valid', 'dev'],
  test: ['test', 'testing'],
};

/** The purpose of a split with this name; undefined for an unusual name. */
export function usualRole(name: string): SplitRole | undefined {
  const roles = Object.keys(usualNames) as SplitRole[];
  return roles.find((role) => usualNames[role].includes(name.toLowerCase()));
}

/** Options of {@link fileDataSet}. */
export interface FileDataSetOptions {
  /** The name of the data set. */
  readonly name: string;
  /** How pictures are decoded; default `upright`, as people see them. */
  readonly mode?: DecodeMode;
  /** `single` if each image has exactly one class; default `multi`. */
  readonly labels?: 'single' | 'multi';
  /** The names of the splits in the list; default the usual names. If given, images of other splits are left out. */
  readonly splits?: Readonly<Partial<Record<SplitRole, string>>>;
}

const where = 'fileDataSet';

/**
 * Makes a data set from listed files. Images without a split are used for training.
 *
 * @throws DataError naming the place: on a split with an unknown name, on missing training images, on a class whose
 *   training labels are all unknown, if no label differs between training images, and for `single` labels on an image
 *   that has none or several
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
    hint: meant === undefined ? 'Give their names: splits: { train, validation, test }.' : `Is it "${meant}"?`,
  });
}

function checkSingle({ present, place }: ListedPicture): void {
  if (present.length === 1) return;
  throw new DataError({ where, argument: `${place},`, expected: 'one label', received: `${present.length}` });
}

/** Every class must be known for some training image, and at least one class must be absent from an image. */
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
    const expected = 'a class that is known for some training image';
    const received = `unknown labels only, ${span(train)}`;
    throw new DataError({ where, argument: `"${classes[unknown].name}"`, expected, received });
  }
  if (classes.length > 1 || positives < train.length) return;
  const names = classes.map(({ name }) => `"${name}"`).join(', ') || 'none';
  const expected = 'at least two, or one that some images do not have';
  const received = `${names}, which every image has, ${span(train)}`;
  throw new DataError({ where, argument: 'classes', expected, received });
}

/** The range of places where the images are listed. */
function span(pictures: readonly ListedPicture[]): string {
  return `from ${pictures[0].place} to ${pictures[pictures.length - 1].place}`;
}
