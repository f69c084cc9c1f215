import { OptionError } from '@ltml/tensor';

/** @throws OptionError unless the value is as expected */
export function checkOption(where: string, argument: string, fits: boolean, expected: string, received: unknown): void {
  if (!fits) throw new OptionError({ where, argument, expected, received: `${received}` });
}

export function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}
