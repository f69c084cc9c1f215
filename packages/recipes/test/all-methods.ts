import type { Method } from '@ltml/tensor/contract';
import { methods } from '../src/parts/methods.ts';

/** Every method that a recipe can name, imported. */
export const allMethods: Readonly<Record<string, Method>> = Object.fromEntries(
  await Promise.all(Object.entries(methods).map(async ([name, load]) => [name, await load()] as const)),
);
