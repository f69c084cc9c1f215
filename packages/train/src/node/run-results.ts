import { join } from 'node:path';
import { perClassReport, type Scores } from '@ltml/metrics';
import type { HostTensor } from '@ltml/tensor';
import type { Task } from '@ltml/tensor/contract';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import type { FitResult } from '../fit-options.ts';
import { saveJson, saveTensors } from './save-file.ts';

/** What a finished run leaves besides its logs. */
export interface RunResults {
  readonly result: FitResult;
  readonly task: Task;
  /** Of the data set that the run is judged by; see `evaluate`. */
  readonly scores: Scores;
  /** Of the classes that no training image shows, among themselves. */
  readonly unseen?: Scores;
  /** Of all classes; by the task's counts if left out. */
  readonly groups?: FrequencyGroups;
  /** More for the summary, plain JSON. */
  readonly summary?: Readonly<Record<string, unknown>>;
}

/** Writes predictions, per-class average precision and the summary, which comes last. */
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
