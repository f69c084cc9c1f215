import type { Dataset } from '@ltml/data';
import { classStatistics } from '@ltml/tensor/labels';
import type { TrackParts } from './track.ts';

type Described = Pick<Dataset, 'name' | 'classes' | 'labels'>;

/** What a report says of the data of a track whose training and test images have the same classes. */
export function describeData(
  train: Described,
  test: Described,
): Pick<TrackParts, 'dataset' | 'classes' | 'classCounts' | 'trainImages' | 'testImages'> {
  return {
    dataset: train.name.replace(/\/.*/, ''),
    classes: train.classes,
    classCounts: classStatistics(train.labels).classCounts,
    trainImages: train.labels.rows,
    testImages: test.labels.rows,
  };
}
