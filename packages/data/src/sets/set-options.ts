import { checkChoice, checkCount, checkNumber, checkOptionNames } from '@ltml/tensor';
import type { PublishedSet } from './published-set.ts';
import { type PublishedSetName, type PublishedSetOptions, publishedSets } from './published-sets.ts';

/**
 * The options of a published data set, with defaults for those left out.
 *
 * @throws OptionError on an unknown name or value
 */
export function setOptions<Name extends PublishedSetName>(
  name: Name,
  given: Partial<PublishedSetOptions[Name]> = {},
): PublishedSetOptions[Name] {
  const { options } = publishedSets[name] as PublishedSet;
  checkOptionNames(name, given, Object.keys(options));
  const entries = Object.entries(options).map(([option, known]) => {
    const value = (given as Readonly<Record<string, unknown>>)[option] ?? known.default;
    if ('choices' in known) checkChoice(name, option, value as string, known.choices);
    else if (known.whole) checkCount(name, option, value, { min: known.min });
    else checkNumber(name, option, value, { min: known.min });
    return [option, value];
  });
  return Object.fromEntries(entries) as PublishedSetOptions[Name];
}
