import { readFileSync } from 'node:fs';
import { OptionError } from '@ltml/tensor';
import { expect, it } from 'vitest';
import { type PublishedSet, type PublishedSetName, publishedSets, setOptions } from '../src/index.ts';

const sets = Object.entries(publishedSets) as unknown as [PublishedSetName, PublishedSet][];

it.each(sets)('%s says what it is, and what it should have with every choice of its options', (name, set) => {
  expect(set.title).not.toBe('');
  expect(set.source).toMatch(/^https?:\/\//);
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

it('scores no set by images that select: every split has one role, and the page of data sets says which (trap 28)', () => {
  const page = readFileSync(new URL('../../../docs/data-sets.md', import.meta.url), 'utf8');
  for (const [name, { splits }] of sets) {
    const published = Object.values(splits);
    expect(new Set(published).size).toBe(published.length);
    const row = page.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${name}\``));
    expect(row, name).toBeDefined();
  }
  expect(publishedSets['imagenet-lt'].splits).toEqual({ train: 'train', validation: 'val', test: 'test' });
  expect(publishedSets.inat18.splits).toEqual({ train: 'train', test: 'val' });
});

it('has the 11,788 images of CUB of 2011, not those of 2010 (trap 30)', () => {
  const { train, test } = publishedSets.cub.expected({}).splits;
  expect(Number(train.images) + Number(test.images)).toBe(11_788);
});
