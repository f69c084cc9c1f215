import { OptionError } from '@ltml/tensor';

/** @throws OptionError unless the option is a function, or left out */
export function checkFunction(where: string, argument: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new OptionError({ where, argument, expected: 'a function', received: `${value}` });
}
