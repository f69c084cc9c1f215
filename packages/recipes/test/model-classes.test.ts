import { expect, it } from 'vitest';
import { modelClasses } from '../src/model/model-classes.ts';
import { allMethods } from './all-methods.ts';

const classes = [
  { name: 'red_kite', id: '/m/0h7', seen: true },
  { name: 'owl', id: 'owl', seen: true },
];
const method = (name: string, classEmbeddings?: { name: string; template?: string }) => ({
  name,
  preset: 'any',
  options: {},
  ...(classEmbeddings && { classEmbeddings }),
});

it('has names, the ids of the data set, and what a text encoder read for each', () => {
  const texts = (of: ReturnType<typeof method>) =>
    modelClasses(classes, of, allMethods[of.name].needs).map(({ text }) => text);
  expect(modelClasses(classes, method('classifier'), allMethods.classifier.needs)).toEqual([
    { name: 'red_kite', id: '/m/0h7' },
    { name: 'owl', id: 'owl' },
  ]);
  expect(texts(method('mkt'))).toEqual(['There is a red kite in the scene', 'There is a owl in the scene']);
  expect(texts(method('cprfl', { name: 'tiny-clip' }))).toEqual(['a photo of a red kite.', 'a photo of a owl.']);
  expect(texts(method('cprfl', { name: 'clip', template: 'one {}' }))).toEqual(['one red kite', 'one owl']);
  expect(texts(method('cprfl', { name: 'word-vectors' }))).toEqual([undefined, undefined]);
});
