import type { BackendName } from '@ltml/engines';
import { UsageError } from '@ltml/recipes/usage-error';
import { InvalidArgumentError, Option } from 'commander';

/** Parses an option that lists whole numbers, e.g. `1,2,3`. */
export function wholeNumbers(text: string): number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.every((number) => Number.isInteger(number) && number >= 0)) return numbers;
  throw new InvalidArgumentError('should be whole numbers, e.g. 1,2,3');
}

/** Parses a whole number of at least 1. */
export function positiveInteger(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('should be a whole number from 1');
}

/** Parses a whole number of at least 0. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && text.trim() !== '') return number;
  throw new InvalidArgumentError('should be a whole number from 0');
}

/** Parses a share in (0, 1]. */
export function share(text: string): number {
  const number = Number(text);
  if (number > 0 && number <= 1) return number;
  throw new InvalidArgumentError('should be a share above 0 and at most 1');
}

/** Parses an option that lists names, e.g. `bce,db-focal`. */
export function names(text: string): string[] {
  return text.split(',');
}

/**
 * The names that an option lists; all known names if the option was left out.
 *
 * @param option as the user writes it, for the error, e.g. `--rows`
 * @throws UsageError for an unknown name; the message lists the known ones
 */
export function chooseNames<Name extends string>(
  option: string,
  chosen: readonly string[] | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (!chosen) return known;
  return chosen.map((name) => {
    const found = known.find((candidate) => candidate === name);
    if (found === undefined) throw new UsageError(`${option}: unknown "${name}"; known: ${known.join(', ')}`);
    return found;
  });
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** `--features DIR`: commands that score images look here for stored features. */
export function featuresOption(): Option {
  return new Option('--features <dir>', 'folder of `ltml encode`; its features are used if they fit').default(
    'features',
  );
}

/** Value of {@link backendOption}. */
export type BackendArgument = BackendName | 'auto';

const backends: readonly BackendArgument[] = ['auto', 'tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'];

/** `--backend NAME`; default: the environment variable LTML_BACKEND, else the fastest engine that works. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'engine to run on (default: the fastest that works)')
    .choices(backends)
    .env('LTML_BACKEND');
}
