import { OptionError } from '@ltml/tensor';
import { expect, it } from 'vitest';
import { type PublishedSet, type PublishedSetName, publishedSets, setOptions } from '../src/index.ts';

const sets = Object.entries(publishedSets) as unknown as [PublishedSetName, PublishedSet][];

it.each(sets)('%s says what it is, and what it should have with every choice of its options', (name, set) => {
  expect(set.title).not.toBe('');
  expect(set.source).toMatch(/^https?:\/\//);
  expect(set.protocol.metrics.length).toBeGreaterThan(0);
  const defaults = setOptions(name);
  for (const [option, known] of Object.entries(set.options)) {
    expect(known.about).not.toBe('');
    for (const value of 'choices' in known ? known.choices : [known.default]) {
      const { names, splits } = set.expected({ ...defaults, [option]: value });
      if (Array.isArray(names)) expect(new Set(names).size).toBe(set.expected(defaults).classes);
      for (const { classCounts = {}, positives } of Object.values(splits)) {
        if (Array.isArray(names)) expect(names).toEqual(expect.arrayContaining(Object.keys(classCounts)));
        const counts = Object.values(classCounts);
        if (positives !== undefined && counts.length === set.expected(defaults).classes) {
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(positives);
        }
      }
    }
  }
});

it('fills in the defaults of options, and refuses other names and values', () => {
  expect(setOptions('voc07', { labels: 'main' })).toEqual({ difficult: 'negative', labels: 'main' });
  expect(() => setOptions('voc07', { dificult: 'negative' } as object)).toThrow(OptionError);
  expect(() => setOptions('voc07', { difficult: 'easy' as 'negative' })).toThrow(/voc07: difficult should be one of/);
});
