import { multiLabelProtocol } from '../data-set.ts';
import { md5Files, type PublishedFile, torchvision } from './published-file.ts';
import type { ExpectedSet, PublishedSet } from './published-set.ts';

/** Options of `voc07` and `voc12`. */
export type VocOptions = {
  /** How a class counts if all its objects in an image are marked difficult; default `negative`. */
  readonly difficult: 'negative' | 'positive' | 'unknown';
  /** Where labels are read: the XML files in `Annotations`, or the lists in `ImageSets/Main`. Default `annotations`. */
  readonly labels: 'annotations' | 'main';
};

/** The classes in index order, spelled as in the development kit. */
export const vocClasses: readonly string[] = [
  ...['aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair', 'cow'],
  ...['diningtable', 'dog', 'horse', 'motorbike', 'person', 'pottedplant', 'sheep', 'sofa', 'train', 'tvmonitor'],
];

/** Number of images of each class, by name. */
export function vocCounts(counts: readonly number[]): Readonly<Record<string, number>> {
  return Object.fromEntries(vocClasses.map((name, c) => [name, counts[c]]));
}

const options: PublishedSet<VocOptions>['options'] = {
  difficult: {
    about: 'how a class counts if all its objects in an image are marked difficult',
    default: 'negative',
    choices: ['negative', 'positive', 'unknown'],
  },
  labels: {
    about: 'where labels are read: Annotations/*.xml, or ImageSets/Main/<class>_<split>.txt',
    default: 'annotations',
    choices: ['annotations', 'main'],
  },
};

/** Counts of the 2007 test images with difficult objects as positives, as VOC-MLT counts them. */
export const voc07TestCounts: Readonly<Record<string, number>> = vocCounts([
  205, 250, 289, 176, 240, 183, 775, 332, 545, 127, 247, 433, 279, 233, 2097, 254, 98, 355, 259, 255,
]);

const voc07TrainvalCounts = vocCounts([
  238, 243, 330, 181, 244, 186, 713, 337, 445, 141, 200, 421, 287, 245, 2008, 245, 96, 229, 261, 256,
]);

/** Counts with difficult objects as positives. */
const voc12TrainvalCounts = vocCounts([
  676, 571, 773, 516, 768, 430, 1229, 1084, 1298, 309, 641, 1297, 483, 536, 4374, 568, 326, 695, 550, 595,
]);

const files = (...names: readonly string[]): readonly PublishedFile[] =>
  md5Files(torchvision('voc'), {
    'VOCtrainval_06-Nov-2007.tar': 'c52e279531787c972589f7e41ab4ae64',
    'VOCtest_06-Nov-2007.tar': 'b6e924de25625d8de591ea690078ad9f',
    'VOCtrainval_11-May-2012.tar': '6cd6e144f989b92b3379bac3b3de84fd',
  }).filter(({ name }) => names.includes(name));

/** The archives that contain the images of long-tailed VOC. */
export const vocLongTailFiles: readonly PublishedFile[] = files(
  'VOCtrainval_11-May-2012.tar',
  'VOCtest_06-Nov-2007.tar',
);

const isPositive = ({ difficult }: VocOptions): boolean => difficult === 'positive';

/** The properties that differ between the years. */
interface VocYear extends Pick<PublishedSet<VocOptions>, 'splits' | 'files'> {
  expectedSplits(values: VocOptions): ExpectedSet['splits'];
}

function voc(year: number, { expectedSplits, ...own }: VocYear): PublishedSet<VocOptions> {
  return {
    title: `PASCAL VOC ${year}`,
    source: `http://host.robots.ox.ac.uk/pascal/VOC/voc${year}/`,
    options,
    ...own,
    protocol: multiLabelProtocol,
    expected: (values) => ({ classes: vocClasses.length, names: vocClasses, splits: expectedSplits(values) }),
  };
}

/** PASCAL VOC 2007. */
export const voc07: PublishedSet<VocOptions> = voc(2007, {
  splits: { train: 'trainval', test: 'test' },
  files: files('VOCtrainval_06-Nov-2007.tar', 'VOCtest_06-Nov-2007.tar'),
  expectedSplits: (values) => ({
    train: { images: 2501 },
    val: { images: 2510 },
    trainval: { images: 5011, ...(!isPositive(values) && { positives: 7306, classCounts: voc07TrainvalCounts }) },
    test: { images: 4952, classCounts: isPositive(values) ? voc07TestCounts : { person: 2007 } },
  }),
});

/** PASCAL VOC 2012. Its test labels are not published, so `val` is used as the test split. */
export const voc12: PublishedSet<VocOptions> = voc(2012, {
  splits: { train: 'train', test: 'val' },
  files: files('VOCtrainval_11-May-2012.tar'),
  expectedSplits: (values) => ({
    train: { images: 5717 },
    val: { images: 5823 },
    trainval: { images: 11540, ...(isPositive(values) && { positives: 17719, classCounts: voc12TrainvalCounts }) },
  }),
});
