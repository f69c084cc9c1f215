import { join } from 'node:path';
import { perClassReport, type Scores } from '@ltml/metrics';
import type { HostTensor } from '@ltml/tensor';
import type { Task } from '@ltml/tensor/contract';
import type { FitResult } from '../fit.ts';
import { saveJson, saveTensors } from './save-file.ts';

/** What a finished run leaves besides its logs. */
export interface RunResults {
  readonly result: FitResult;
  readonly task: Task;
  /** Of the data set that the run is judged by; see `evaluate`. */
  readonly scores: Scores;
  /** More for the summary, plain JSON. */
  readonly summary?: Readonly<Record<string, unknown>>;
}

/** Writes predictions, per-class average precision and the summary, which comes last. */
export async function writeResults(path: string, { result, task, scores, summary = {} }: RunResults): Promise<void> {
  const shape = [scores.rows, scores.columns];
  const { present, known } = scores;
  const predictions = new Map<string, HostTensor>([
    ['scores', { dtype: 'F32', shape, data: scores.scores }],
    ['present', { dtype: 'U8', shape, data: present }],
  ]);
  if (known) predictions.set('known', { dtype: 'U8', shape, data: known });
  await saveTensors(join(path, 'predictions.safetensors'), predictions);
  const { classes, statistics } = task;
  await saveJson(
    join(path, 'per-class.json'),
    perClassReport(scores, { classes, classCounts: statistics.classCounts }),
  );
  await saveJson(join(path, 'summary.json'), { ...summary, ...result });
}
