import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useBackend } from '@ltml/engines';
import {
  build,
  measureRun,
  type PublishedRow,
  publishedRows,
  type Recipe,
  type RunResult,
  resolve,
  rowRecipe,
  run,
} from '@ltml/recipes/node';
import type { Observer } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiniatureFolders, smallSettings, writeVectors } from './miniature-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-rows-'));
const miniatures = new MiniatureFolders(folder);
const vectors = writeVectors(join(folder, 'vectors.txt'));
beforeAll(() => useBackend('auto'));
afterAll(() => rmSync(folder, { recursive: true }));

interface SmallRow {
  readonly row: PublishedRow;
  readonly name: string;
  readonly data: string;
  readonly settings: readonly string[];
  /** The first of its method and its ways of drawing images, unless it learns nothing. */
  readonly isStopped: boolean;
}

/** What a row computes, whatever its numbers. */
function kindOf({ sampler, method, loss, pictures }: Recipe): string {
  const kind = { sampler, method: { ...method, preset: null }, loss: { ...loss, preset: null }, pictures };
  return JSON.stringify(kind, (key, value: unknown) =>
    // Losses of CPRFL's Table 2 are named after the data set whose numbers they have.
    typeof value === 'number' ? key : typeof value === 'string' ? value.replace(/\/(coco|voc)$/, '') : value,
  );
}

/** One row of each kind, and of each paper's rows on a data set the first. */
const chosen: SmallRow[] = [];
const met = new Set<string>();
for (const row of publishedRows()) {
  const written = rowRecipe(row);
  const recipe = await resolve(written.value, written.locate);
  const data = recipe.data.name;
  const settings = smallSettings(row, recipe);
  const small = rowRecipe(row, { vectors, settings });
  const kinds = [kindOf(await resolve(small.value, small.locate)), `${row.paper.name} on ${data}`];
  if (kinds.every((kind) => met.has(kind))) continue;
  for (const kind of kinds) met.add(kind);
  const resumed = `${recipe.method.name} by ${JSON.stringify(recipe.sampler)}`;
  const isStopped = recipe.method.name !== 'tagclip' && !met.has(resumed);
  met.add(resumed);
  chosen.push({ row, name: row.name, data, settings, isStopped });
}

async function train({ row, data, settings }: SmallRow, stopAfter: number | undefined): Promise<RunResult> {
  const { value, locate } = rowRecipe(row, { data: await miniatures.of(data), vectors, settings });
  const built = await build(await resolve(value, locate), { locate, workers: 0 });
  try {
    const stop = new AbortController();
    const observer: Observer = { onStep: ({ step }) => (step === stopAfter ? stop.abort() : undefined) };
    const into = join(folder, 'runs', row.name);
    return await run(built, {
      folder: into,
      resume: true,
      observers: [observer],
      signal: stop.signal,
      onWarning: () => {},
    });
  } finally {
    built.dispose();
  }
}

describe('each kind of row, on the miniature of its data', { timeout: 60_000 }, () => {
  it.each(chosen)('$name trains and is measured', async (small) => {
    const { row } = small;
    const tensors = tf.memory().numTensors;
    const stopped = small.isStopped ? await train(small, 1) : undefined;
    if (stopped) expect(stopped.outcome).toBe('aborted');
    const result = await train(small, undefined);
    expect(result.outcome).toBe('finished');
    if (stopped) expect(result.steps).toBeGreaterThan(stopped.steps);
    const measures = measureRun(join(folder, 'runs', row.name), row);
    for (const column of row.columns) {
      expect(measures[column], column).not.toBeUndefined();
      if (measures[column] !== null) expect(measures[column]).toBeGreaterThanOrEqual(0);
    }
    expect(measures[row.columns[0]]).not.toBeNull();
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
