import type { Recipe } from '@ltml/recipes/node';

/** The data of a recipe in one line, including the defaults that decide what labels mean. */
export function describeData({ data }: Pick<Recipe, 'data'>): string {
  const { name, validation: _, ...options } = data;
  const said = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  return [`data: ${name}`, ...said.map(([key, value]) => `${key} ${describe(value)}`)].join(', ');
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : JSON.stringify(value);
  if (Array.isArray(value)) return value.map(describe).join(' + ');
  return `(${Object.entries(value)
    .map(([key, entry]) => `${key === '' ? 'nothing' : key}: ${describe(entry)}`)
    .join(', ')})`;
}
