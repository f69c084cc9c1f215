import { InvalidArgumentError } from 'commander';

/** Parses an option that lists whole numbers, e.g. `1,2,3`. */
export function wholeNumbers(text: string): number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.every((number) => Number.isInteger(number) && number >= 0)) return numbers;
  throw new InvalidArgumentError('should be whole numbers, e.g. 1,2,3');
}

/** Parses an option that is a whole number from 1. */
export function positiveInteger(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('should be a whole number from 1');
}

/** A parser of lists whose entries must be among the known names. */
export function namesOf<Name extends string>(known: readonly Name[]): (text: string) => Name[] {
  return (text) =>
    text.split(',').map((name) => {
      const found = known.find((candidate) => candidate === name);
      if (found === undefined) throw new InvalidArgumentError(`unknown "${name}"; known: ${known.join(', ')}`);
      return found;
    });
}
