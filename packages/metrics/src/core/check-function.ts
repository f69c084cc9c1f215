import { OptionError } from '@ltml/tensor';

/** Checks that an option is a function or left out. @throws OptionError */
export function checkFunction(where: string, argument: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new OptionError({ where, argument, expected: 'a function', received: `${value}` });
}
