import { presets, publishedRows } from '@ltml/cprfl';
import { describe, expect, it } from 'vitest';

/** Head, medium and tail classes. */
const groupSizes = { 'voc-lt': [6, 6, 8], 'coco-lt': [22, 33, 25] } as const;

const datasetOf = (preset: string) => preset.split('/')[0] as keyof typeof groupSizes;

describe('publishedRows', () => {
  it.each(publishedRows)('$source, $preset: the total is the mean over classes', (row) => {
    const { preset, total, head, medium, tail } = row;
    const [h, m, t] = groupSizes[datasetOf(preset)];
    const mean = (h * head + m * medium + t * tail) / (h + m + t);
    // The paper's numbers of DB focal on VOC-LT do not agree among themselves; Figure 3 has one decimal.
    const off = preset === 'voc-lt/db-focal' ? 0.12 : row.source === 'Figure 3' ? 0.11 : 0.03;
    expect(Math.abs(total - mean)).toBeLessThan(off);
  });

  it('tells the rows of a table apart, and names presets that are there', () => {
    const names = publishedRows.map(({ source, preset, embeddings }) => `${source} ${preset} ${embeddings?.name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { preset, embeddings } of publishedRows) expect(presets[preset].vsi === null).toBe(embeddings === null);
  });

  it('has Table 2 and Table 3 on both data sets, and five kinds of embeddings', () => {
    const of = (source: string, dataset: string) =>
      publishedRows.filter((row) => row.source === source && datasetOf(row.preset) === dataset).length;
    expect(['Table 2', 'Table 3'].flatMap((table) => [of(table, 'voc-lt'), of(table, 'coco-lt')])).toEqual([
      5, 5, 3, 3,
    ]);
    expect(publishedRows.filter(({ source }) => source === 'Figure 3')).toHaveLength(5);
  });
});
