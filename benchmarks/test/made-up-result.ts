import { RandomStream } from '@ltml/tensor';
import { frequencyGroups } from '@ltml/tensor/labels';
import { differencesOf } from '../src/suites/differences.ts';
import { measures } from '../src/suites/measures/measures.ts';
import type { RunRecord } from '../src/suites/run-record.ts';
import type { Suite } from '../src/suites/suite.ts';
import type { SuiteResult } from '../src/suites/suite-result.ts';
import { summarize } from '../src/suites/summary.ts';

const classCounts = [500, 120, 60, 25, 8, 4];
const images = 60;

/**
 * A suite of three rows and two seeds whose scores are drawn, with differences, curves and all else that a report shows.
 *
 * @param text a name of a class, a row and a setting
 * @param isSeries whether it varies a number, and has a matrix with a refused cell
 */
export function madeUpResult(name: string, text: string, isSeries = false): SuiteResult {
  const rows = { bce: 'BCE', better: `+ ${text}`, worse: 'Worse' };
  const suite: Suite = {
    name,
    title: `Made up: ${name}`,
    question: 'Which is better?',
    seeds: [1, 2],
    measures: 'average-precision',
    headline: 'tail',
    baseline: 'bce',
    rows: Object.fromEntries(
      Object.entries(rows).map(([row, title]) => [
        row,
        {
          recipe: `../${row}.yaml`,
          set: ["loss={ name: 'a b' }"],
          title,
          description: text,
          ...(row === 'better' && { after: 'bce' }),
        },
      ]),
    ),
    preparations: {},
    refused: { none: { recipe: 'none.yaml', reason: text } },
    ...(isSeries && {
      series: {
        title: 'mAP',
        axis: text,
        measure: 'total',
        lines: { BCE: { 10: 'bce' }, [text]: { 10: 'better', 50: 'worse' } },
      },
      matrix: { title: 'Mixtures', measure: 'total', lines: { [text]: { [text]: 'bce', other: 'none' } } },
    }),
    notes: [text],
    seconds: 1,
  };
  const runs = Object.keys(rows).flatMap((row, place) => suite.seeds.map((seed) => madeUpRun(row, seed, place, text)));
  const own = measures[suite.measures];
  return { suite, measures: own, runs, rows: summarize(suite, runs, own, differencesOf(suite, runs, own)) };
}

/** The second row finds nearly all, the third nothing. */
function madeUpRun(row: string, seed: number, place: number, text: string): RunRecord {
  const columns = classCounts.length;
  const labels = new RandomStream(7);
  const present = Uint8Array.from({ length: images * columns }, (_, i) =>
    Number(i % columns === 0 || labels.uniform() < 0.3),
  );
  const random = new RandomStream(10 * seed + place);
  const signal = [1, 4, 0][place];
  const scores = Float32Array.from(present, (label) => signal * label + random.normal(0, 1));
  return {
    row,
    seed,
    recipe: {
      name: row,
      seed,
      data: { name: text },
      method: { name: 'classifier', options: { epochs: 2 + place } },
    } as unknown as RunRecord['recipe'],
    environment: {
      started: '2026-11-30T12:00:00.000Z',
      backend: 'wasm',
      node: 'v20.19.0',
      system: 'linux',
      cpu: text,
      threads: 2,
      versions: { '@ltml/train': '0.0.0' },
    },
    classes: [text, 'two', 'three', 'four', 'five', 'six'],
    classCounts,
    groups: frequencyGroups(classCounts),
    trainImages: 600,
    seconds: 3 + place,
    epochs: [3, 2, 1].map((loss) => ({ stage: 'train', loss })),
    folder: 'nowhere',
    scores: { rows: images, columns, scores, present },
  };
}
