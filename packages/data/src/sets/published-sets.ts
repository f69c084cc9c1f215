import { celeba } from './celeba.ts';
import { type Cifar100LtOptions, cifar100Lt } from './cifar-100-lt.ts';
import { type CocoOptions, coco14, coco17 } from './coco.ts';
import { cub } from './cub.ts';
import { mimicCxrLt, nihCxrLt } from './cxr-lt.ts';
import { cocoMlt, type NoOptions, pltCoco, pltVoc, vocMlt } from './multi-label-lt.ts';
import { type NusWideOptions, nusWide } from './nus-wide.ts';
import { type OpenImagesOptions, openImages, openImagesV6 } from './open-images.ts';
import type { PublishedSet } from './published-set.ts';
import { imagenetLt, inat18, placesLt } from './single-label-lt.ts';
import { type VisualGenomeOptions, visualGenome } from './visual-genome.ts';
import { type VocOptions, voc07, voc12 } from './voc.ts';

/** The options of the readers, by the name of the data set. */
export interface PublishedSetOptions {
  voc07: VocOptions;
  voc12: VocOptions;
  coco14: CocoOptions;
  coco17: CocoOptions;
  'voc-mlt': NoOptions;
  'coco-mlt': NoOptions;
  'plt-voc': NoOptions;
  'plt-coco': NoOptions;
  vg: VisualGenomeOptions;
  'nus-wide': NusWideOptions;
  'open-images': OpenImagesOptions;
  'open-images-v6': OpenImagesOptions;
  'imagenet-lt': NoOptions;
  'places-lt': NoOptions;
  inat18: NoOptions;
  'cifar-100-lt': Cifar100LtOptions;
  'nih-cxr-lt': NoOptions;
  'mimic-cxr-lt': NoOptions;
  celeba: NoOptions;
  cub: NoOptions;
}

/** The name of a published data set. */
export type PublishedSetName = keyof PublishedSetOptions;

/** Published data sets by name. `@ltml/data/node` reads them. */
export const publishedSets: { readonly [Name in PublishedSetName]: PublishedSet<PublishedSetOptions[Name]> } = {
  voc07,
  voc12,
  coco14,
  coco17,
  'voc-mlt': vocMlt,
  'coco-mlt': cocoMlt,
  'plt-voc': pltVoc,
  'plt-coco': pltCoco,
  vg: visualGenome,
  'nus-wide': nusWide,
  'open-images': openImages,
  'open-images-v6': openImagesV6,
  'imagenet-lt': imagenetLt,
  'places-lt': placesLt,
  inat18,
  'cifar-100-lt': cifar100Lt,
  'nih-cxr-lt': nihCxrLt,
  'mimic-cxr-lt': mimicCxrLt,
  celeba,
  cub,
};
