import { labelPrompts } from '@ltml/mkt';
import { expect, it } from 'vitest';
import { tokenizer } from './support.ts';

const { startId, endId } = tokenizer;

it('puts names into the template, cut to the longest', () => {
  const prompts = labelPrompts(['red', ' blue_three\n'], { tokenizer });
  expect(prompts.shape).toEqual([2, 10]);
  expect([...prompts.ids.slice(0, 10)]).toEqual([startId, 0, 1, 2, 6, 3, 4, 5, endId, 0]);
  expect([...prompts.ids.slice(10)]).toEqual([startId, 0, 1, 2, 7, 11, 3, 4, 5, endId]);
  expect([...prompts.nameLengths]).toEqual([1, 2]);
  expect(prompts.contextLengths).toEqual([3, 3]);
});

it('takes any template, also with nothing before or after the name', () => {
  const prompts = labelPrompts(['two'], { tokenizer, template: '{}' });
  expect([...prompts.ids]).toEqual([startId, 10, endId]);
  expect(prompts.contextLengths).toEqual([0, 0]);
});

it('takes a template that ends with a full stop', () => {
  expect([...labelPrompts(['red'], { tokenizer, template: 'a {}.' }).ids]).toEqual([startId, 2, 6, endId]);
});

it('cuts what does not fit and keeps the end', () => {
  const short = { ...tokenizer, contextLength: 8 };
  const rest = labelPrompts(['red one'], { tokenizer: short });
  expect([...rest.ids]).toEqual([startId, 0, 1, 2, 6, 9, 3, endId]);
  const name = labelPrompts(['red one red two red'], { tokenizer: short });
  expect([...name.ids]).toEqual([startId, 0, 1, 2, 6, 9, 6, endId]);
  expect([...name.nameLengths]).toEqual([3]);
});

it('refuses no labels, an empty one, and templates without a name of its own', () => {
  expect(() => labelPrompts([], { tokenizer })).toThrow(/labels should be at least one/);
  expect(() => labelPrompts(['red', '  '], { tokenizer })).toThrow(/" {2}" at index 1/);
  for (const template of ['a scene', 'a {} and a {}', 'a {}s']) {
    expect(() => labelPrompts(['red'], { tokenizer, template })).toThrow(/options.template/);
  }
});
