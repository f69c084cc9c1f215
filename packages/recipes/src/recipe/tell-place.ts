import { EntryError, UsageError } from '../usage-error.ts';
import { type Locate, placed } from './source.ts';

/** Does work, and adds the place of the entry to an EntryError. @throws UsageError with the place */
export async function tellPlace<T>(locate: Locate | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EntryError)) throw error;
    const { entry, message } = error;
    throw new UsageError(locate ? placed(locate, entry.split('.'), message) : `${entry}: ${message}`);
  }
}
