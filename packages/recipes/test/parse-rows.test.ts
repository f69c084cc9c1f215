import { expect, it } from 'vitest';
import { parseRows } from '../src/published/parse-rows.ts';

const head = `name: mine
paper: Mine
link: https://example.org
measures: average-precision
columns: [mAP, mAP/tail]
differences: []
inexact: []
`;

const parse = (rows: string) => parseRows(`${head}rows:\n${rows}`, 'published.yaml');

it('reads a row, and a row with points as one for each', () => {
  const { rows } = parse(`  plain: { recipe: a.yaml, source: Table 1, figures: [70, null] }
  share:
    recipe: a.yaml
    settings: { seed: 2 }
    points:
      "10": { data: { knownLabels: { proportion: 0.1 } } }
      "20": { data: { knownLabels: { proportion: 0.2 } } }
    source: Table 2
    figures: [[50], [60]]
    mean: [55, null]
`);
  expect(rows.map(({ name, figures, settings }) => ({ name, figures, settings: settings.value }))).toEqual([
    { name: 'mine/plain', figures: [70, null], settings: {} },
    { name: 'mine/share/10', figures: [50, null], settings: { seed: 2, data: { knownLabels: { proportion: 0.1 } } } },
    { name: 'mine/share/20', figures: [60, null], settings: { seed: 2, data: { knownLabels: { proportion: 0.2 } } } },
  ]);
  expect(rows[1].group).toEqual({ name: 'mine/share', mean: [55, null] });
  expect(rows[1].settings.locate(['data'])).toBe('published.yaml:14');
});

it.each([
  ['  plain: { recipe: a.yaml, source: Table 1, figures: [170, null] }', 'published.yaml:9: rows.plain.figures'],
  [
    '  plain: { recipe: a.yaml, source: Table 1, figures: [70] }',
    'published.yaml:9: rows.plain.figures: should have 2 entries',
  ],
  [
    '  plain: { recipe: a.yaml, source: T, points: { "1": {}, "2": {} }, figures: [[7, 8]] }',
    'published.yaml:9: rows.plain.figures: should have a list for each of 2 points',
  ],
  ['  plain: { recipe: a.yaml, source: T, figures: [[7, 8]] }', 'published.yaml:9: rows.plain.figures'],
  ['  plain: { recipe: a.yaml, sorce: T }', 'published.yaml:9: rows.plain: unknown "sorce" (source?)'],
  ['  Plain: { recipe: a.yaml, source: T }', 'published.yaml:9: rows.Plain'],
])('refuses %s', (rows, message) => {
  expect(() => parse(rows)).toThrow(message);
});
