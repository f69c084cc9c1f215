import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@ltml/data';
import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { embed } from '../src/quality/category-prompts/embeddings.ts';
import { categoryPromptsRows } from '../src/quality/category-prompts/methods.ts';
import { protocols } from '../src/quality/category-prompts/protocol.ts';
import { categoryPromptsTrack } from '../src/quality/category-prompts/track.ts';
import { runQualitySuite } from '../src/quality/suite.ts';
import { formatDifferences } from '../src/quality/table.ts';

const classes = ['red one', 'red two', 'blue one'];

/** Maps [2, 2, 4] with a mark at a random place for each class that is there. */
function toyMaps(name: string, rows: number, seed: number): Dataset {
  const random = new RandomStream(seed);
  const present = Uint8Array.from({ length: rows * 3 }, () => Number(random.uniform() < 0.4));
  const maps = Float32Array.from({ length: rows * 16 }, () => random.normal(0, 0.5));
  for (let i = 0; i < rows * 3; i++)
    if (present[i]) maps[Math.floor(i / 3) * 16 + 4 * random.integer(4) + (i % 3)] += 2;
  return {
    name,
    classes,
    labels: { rows, columns: 3, present },
    inputs: {
      length: rows,
      shape: [2, 2, 4],
      read: async (indices) =>
        Float32Array.from(Array.from(indices).flatMap((i) => [...maps.subarray(i * 16, (i + 1) * 16)])),
    },
  };
}

it.each(['quick', 'full'] as const)(
  'trains every row of %s, and compares it with a head of its own loss',
  async (suite) => {
    const folder = mkdtempSync(join(tmpdir(), 'prompts-'));
    const before = tf.memory().numTensors;
    const parts = { train: toyMaps('toy@1/train', 64, 1), test: toyMaps('toy@1/test', 40, 2), features: 4 };
    const track = categoryPromptsTrack(suite, { seeds: [1], epochs: 2 }, async () => parts);
    const { tracks, runs } = await runQualitySuite({ suite, tracks: [track], folder });
    const { rows } = protocols[suite];
    expect(runs.map(({ method }) => method)).toEqual(rows);
    const [{ summaries }] = tracks;
    expect(summaries.map(({ title }) => title)).toEqual(rows.map((key) => categoryPromptsRows[key].title));
    const by = new Map(summaries.map((summary) => [summary.key, summary]));
    const total = (key: string): number => by.get(key)?.measures.total.mean ?? Number.NaN;
    for (const [key, reference] of [
      ['vsi-pi', 'focal'],
      ['cprfl', 'asl'],
    ]) {
      const { total: interval, tail } = by.get(key)?.difference ?? {};
      expect(interval?.difference).toBeCloseTo(total(key) - total(reference), 10);
      expect(tail).toBeDefined();
    }
    expect(formatDifferences(tracks[0].track, summaries).join('\n')).toMatch(/CPRFL\) − Linear, ASL/);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('Category prompts');
    expect(tf.memory().numTensors).toBe(before);
    rmSync(folder, { recursive: true });
  },
);

it('has embeddings of one size, of which those by words alone know what names share', async () => {
  const cosines = async (name: Parameters<typeof embed>[0]) => {
    const { shape, data } = await embed(name, classes);
    expect(shape).toEqual([3, 64]);
    const rows = [0, 1, 2].map((c) => Array.from(data.slice(64 * c, 64 * (c + 1)), Number));
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    return [cosine(rows[0], rows[1]), cosine(rows[0], rows[2]), cosine(rows[1], rows[2])];
  };
  const [ink, digit, neither] = await cosines('words');
  expect(Math.min(ink, digit)).toBeGreaterThan(0.3);
  expect(Math.abs(neither)).toBeLessThan(0.3);
  for (const cosine of await cosines('random')) expect(Math.abs(cosine)).toBeLessThan(0.4);
  for (const cosine of await cosines('tiny-clip')) expect(Math.abs(cosine)).toBeLessThan(0.4);
});
