import type { PublishedSetName, PublishedSetOptions } from '../../sets/published-sets.ts';
import { readCeleba } from './celeba.ts';
import { readCifar100Lt } from './cifar-100-lt.ts';
import { readCoco } from './coco.ts';
import { readCocoMlt } from './coco-mlt.ts';
import { readCub } from './cub.ts';
import { readCxrLt } from './cxr-lt.ts';
import { readInat18 } from './inat18.ts';
import { readNusWide } from './nus-wide.ts';
import { readOpenImages, readOpenImagesV6 } from './open-images.ts';
import { readPathLabelLists } from './path-label-list.ts';
import type { SetReader } from './set-reader.ts';
import { readVisualGenome } from './visual-genome.ts';
import { readVoc } from './voc.ts';
import { readPltVoc, readVocMlt } from './voc-mlt.ts';

/** The reader of each published data set. */
export const setReaders: { readonly [Name in PublishedSetName]: SetReader<PublishedSetOptions[Name]> } = {
  voc07: readVoc('2007'),
  voc12: readVoc('2012'),
  coco14: readCoco('2014'),
  coco17: readCoco('2017'),
  'voc-mlt': readVocMlt,
  'coco-mlt': readCocoMlt,
  'plt-voc': readPltVoc,
  'plt-coco': readCocoMlt,
  vg: readVisualGenome,
  'nus-wide': readNusWide,
  'open-images': readOpenImages,
  'open-images-v6': readOpenImagesV6,
  'imagenet-lt': readPathLabelLists('ImageNet_LT'),
  'places-lt': readPathLabelLists('Places_LT'),
  inat18: readInat18,
  'cifar-100-lt': readCifar100Lt,
  'nih-cxr-lt': readCxrLt('nih-cxr-lt'),
  'mimic-cxr-lt': readCxrLt('mimic-cxr-lt'),
  celeba: readCeleba,
  cub: readCub,
};
