import { join } from 'node:path';
import { perClassReport, type Scores } from '@ltml/metrics';
import type { HostTensor } from '@ltml/tensor';
import type { Task } from '@ltml/tensor/contract';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import type { FitResult } from '../fit-options.ts';
import { saveJson, saveTensors } from './save-file.ts';

/** Results of a finished run, besides its logs. */
export interface RunResults {
  /** Result of `fit`. */
  readonly result: FitResult;
  /** Classes and label statistics of training. */
  readonly task: Task;
  /** Scores of the test images; see `evaluate`. */
  readonly scores: Scores;
  /** Scores of only the unseen classes (those without training images), relative to each other. */
  readonly unseen?: Scores;
  /** Groups of all classes; default: by the task's counts. */
  readonly groups?: FrequencyGroups;
  /** More entries for the summary, as plain JSON. */
  readonly summary?: Readonly<Record<string, unknown>>;
}

/** Writes predictions, per-class average precision and the summary. The summary comes last. */
export async function writeResults(
  path: string,
  { result, task, scores, unseen, groups, summary = {} }: RunResults,
): Promise<void> {
  const predictions = [...tensorsOf(scores, ''), ...(unseen ? tensorsOf(unseen, 'unseen.') : [])];
  await saveTensors(join(path, 'predictions.safetensors'), new Map(predictions));
  const { classes, statistics } = task;
  await saveJson(
    join(path, 'per-class.json'),
    perClassReport(scores, {
      classes,
      classCounts: statistics.classCounts,
      emptyClasses: 'skip',
      ...(groups && { groups }),
    }),
  );
  await saveJson(join(path, 'summary.json'), { ...summary, ...result });
}

function tensorsOf({ rows, columns, scores, present, known }: Scores, prefix: string): [string, HostTensor][] {
  const shape = [rows, columns];
  return [
    [`${prefix}scores`, { dtype: 'F32', shape, data: scores }],
    [`${prefix}present`, { dtype: 'U8', shape, data: present }],
    ...(known ? [[`${prefix}known`, { dtype: 'U8', shape, data: known }] as [string, HostTensor]] : []),
  ];
}
