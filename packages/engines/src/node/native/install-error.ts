import { NotSupportedError } from '@ltml/tensor';

/** What stands in the way of an installation: the thing, how it should be, how it is, and the way out. */
export function installError(
  argument: string,
  expected: string,
  received: string,
  hint: string,
  cause?: unknown,
): NotSupportedError {
  return new NotSupportedError({ where: 'native install', argument, expected, received, hint, cause });
}
