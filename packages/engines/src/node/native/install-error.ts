import { NotSupportedError } from '@ltml/tensor';

/** The error for something that prevents an installation: what it is, expected, received, and how to fix it. */
export function installError(
  argument: string,
  expected: string,
  received: string,
  hint: string,
  cause?: unknown,
): NotSupportedError {
  return new NotSupportedError({ where: 'native install', argument, expected, received, hint, cause });
}
