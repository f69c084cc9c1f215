import { UsageError } from '@ltml/recipes/usage-error';

/**
 * Imports the part of `@ltml/benchmarks` that a command runs. That package lives in LTML's repository and is not
 * published.
 *
 * @param name of the command
 * @param load imports the part
 * @throws UsageError if the package is not installed; the message says where to run the command
 */
export async function fromBenchmarks<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes('@ltml/benchmarks')) throw error;
    throw new UsageError(
      `ltml ${name}: its suites are in LTML's repository, not in this package: run \`npm run ltml -- ${name}\` in a clone of it`,
    );
  }
}
