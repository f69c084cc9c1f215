import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type PublishedRow, publishedRows, recipeFileOf, resolve, rowRecipe, rowsNamed } from '../src/node/index.ts';
import { protocols } from '../src/published/protocols.ts';

const rows = publishedRows();

/** Head, medium and tail classes. */
const groupSizes: Readonly<Record<string, readonly number[]>> = { voc: [6, 6, 8], coco: [22, 33, 25] };

const figureOf = ({ columns, figures }: PublishedRow, column: string) => figures[columns.indexOf(column)];

/** Scores of three images and four classes, of which the last is not seen in training. */
const scores = {
  rows: 3,
  columns: 20,
  scores: Float32Array.from({ length: 60 }, (_, i) => ((i * 7) % 11) - 5),
  present: Uint8Array.from({ length: 60 }, (_, i) => (i % 20 === Math.floor(i / 20) ? 1 : 0)),
};
const groups = { head: [0], medium: [1], tail: Array.from({ length: 18 }, (_, i) => i + 2) };

describe('published rows', () => {
  it('have names of their own, and recipes that are there', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    for (const row of rows) expect(existsSync(recipeFileOf(row)), recipeFileOf(row)).toBe(true);
    for (const paper of ['cprfl', 'sarb', 'mkt', 'db-loss', 'dscl', 'dualcoop', 'positivecoop', 'lift', 'piaa'])
      expect(rowsNamed(paper).length).toBeGreaterThan(10);
    expect(rowsNamed('sarb/voc07/sarb').map(({ name }) => name.split('/').at(-1))).toEqual(
      Array.from({ length: 9 }, (_, i) => `${10 * (i + 1)}`),
    );
    expect(() => rowsNamed('cprfl/voc-tl')).toThrow('unknown row "cprfl/voc-tl" (cprfl/voc-lt?)');
  });

  it('have notes that are whole sentences: YAML breaks a plain list at its commas', () => {
    for (const { name, inexact } of rows) for (const note of inexact) expect(note, name).toMatch(/^[A-Z\W].*\.$/s);
  });

  it.each(rows)('$name resolves, and has a figure or none for each measure of its protocol', async (row) => {
    const { value, locate } = rowRecipe(row);
    const recipe = await resolve(value, locate);
    expect(recipe.name).toBe(row.name.replaceAll('/', '-'));
    expect(recipe.data.name).not.toMatch(/digits/);
    expect(row.figures).toHaveLength(row.columns.length);
    const measures = protocols[row.protocol]({ scores, unseen: scores, groups });
    expect(Object.keys(measures)).toEqual(expect.arrayContaining([...row.columns]));
  });

  it('have a seed, a folder and weights of one’s own, and tell where an entry was written', async () => {
    const [row] = rowsNamed('cprfl/voc-lt/glove');
    const changes = { data: '/data', weights: 'own.safetensors', vectors: 'v.txt', scale: 0.02, seed: 3 };
    const { value, locate } = rowRecipe(row, { ...changes, settings: ['batchSize=8'] });
    expect(await resolve(value, locate)).toMatchObject({
      seed: 3,
      batchSize: 8,
      data: { root: '/data', share: 0.02 },
      encoder: { name: 'resnet101', weights: 'own.safetensors' },
      method: { classEmbeddings: { name: 'word-vectors', path: 'v.txt' } },
    });
    expect(locate(['method', 'classEmbeddings'])).toMatch(/cprfl\/recipes\/published\.yaml:\d+$/);
    expect(locate(['features'])).toMatch(/voc-lt\/cprfl\.yaml:\d+$/);
    expect(locate(['batchSize'])).toBe('--set batchSize');
  });
});

describe('figures', () => {
  const byGroup = rows.filter((row) => row.columns.includes('mAP/head') && !row.figures.includes(null));

  it.each(byGroup)('of $name: the total is the mean over classes', (row) => {
    const [h, m, t] = groupSizes[row.name.includes('/voc') ? 'voc' : 'coco'];
    const [total, head, medium, tail] = row.figures as number[];
    const mean = (h * head + m * medium + t * tail) / (h + m + t);
    const said = row.inexact.map((text) => /printed total differs by ([\d.]+) from/.exec(text)?.[1]).find(Boolean);
    const off = said ? Number(said) : row.source === 'Figure 3' ? 0.105 : 0.045;
    expect(Math.abs(total - mean)).toBeLessThanOrEqual(off + 0.006);
    if (said) expect(Math.abs(total - mean)).toBeGreaterThan(off - 0.006);
  });

  it('of precision and recall give F1', () => {
    const tracks = rows.flatMap((row) =>
      row.columns.filter((name) => name.includes('/P@')).map((name) => [row, name] as const),
    );
    expect(tracks.length).toBeGreaterThan(10);
    for (const [row, name] of tracks) {
      const [p, r, f1] = ['P', 'R', 'F1'].map(
        (measure) => figureOf(row, name.replace('/P@', `/${measure}@`)) as number,
      );
      expect(Math.abs(f1 - (2 * p * r) / (p + r)), `${row.name} ${name}`).toBeLessThan(0.11);
    }
  });

  it('of nine shares of known labels have the mean that is published', () => {
    const names = [...new Set(rows.flatMap(({ group }) => (group && group.mean[0] !== null ? [group.name] : [])))];
    const means = names.filter((name) => rowsNamed(name).every(({ figures }) => figures[0] !== null));
    expect(means).toHaveLength(9);
    for (const name of means) {
      const own = rowsNamed(name);
      const mean = own.reduce((sum, { figures }) => sum + (figures[0] as number), 0) / own.length;
      expect(Math.abs(mean - (own[0].group?.mean[0] as number)), name).toBeLessThan(0.06);
    }
  });
});
