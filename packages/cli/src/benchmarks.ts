import { UsageError } from '@ltml/recipes/usage-error';

/**
 * Loads what a command runs of the benchmarks, which live in the repository and are not published.
 *
 * @param name of the command
 * @throws UsageError that says where to run it, where they are not there
 */
export async function fromBenchmarks<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes('@ltml/benchmarks')) throw error;
    throw new UsageError(
      `ltml ${name}: its suites are in LTML's repository and not in this package: run \`npm run ltml -- ${name}\` in a clone of it`,
    );
  }
}
