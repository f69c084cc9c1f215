import { readRunScores } from '@ltml/train/node';
import { type Measures, protocols } from '../../published/protocols.ts';
import type { PublishedRow } from '../../published/published-row.ts';

/**
 * Measures of a finished run by the protocol of a published row. @param folder of the run @throws DataError that names
 * a damaged file
 */
export function measureRun(folder: string, { protocol }: Pick<PublishedRow, 'protocol'>): Measures {
  return protocols[protocol](readRunScores(folder));
}
