import { checkOptionNames, OptionError } from '@ltml/tensor';

/** Options of {@link matchClasses}. */
export interface MatchOptions {
  /**
   * Other spellings in the texts, as `{ text: class name }`, for example `{ 'tv monitor': 'tvmonitor' }`. Default none.
   */
  readonly renames?: Readonly<Record<string, string>>;
}

/** Names of VOC that are usually written as two words. */
export const vocRenames: Readonly<Record<string, string>> = {
  'potted plant': 'pottedplant',
  'dining table': 'diningtable',
  'tv monitor': 'tvmonitor',
};

/** Parts of names with an irregular plural, in the order in which they are tried. */
const plurals = Object.entries({
  person: 'people',
  child: 'children',
  man: 'men',
  foot: 'feet',
  goose: 'geese',
  mouse: 'mice',
  die: 'dice',
  tooth: 'teeth',
  louse: 'lice',
  leaf: 'leaves',
  wolf: 'wolves',
  knife: 'knives',
  cactus: 'cacti',
  shelf: 'shelves',
  calf: 'calves',
});

/**
 * Finds which classes each text names, in the singular or plural. Longer names are matched first, and matched words are
 * removed, so that "hot dog" does not match "dog". Classes with equal names are all found.
 *
 * @param classes names of lower-case letters and single spaces
 * @returns for each text the indices of its classes, ascending
 * @throws OptionError for other names
 *
 * Source: SPARC, CVPR 2025, released code.
 */
export function matchClasses(
  texts: readonly string[],
  classes: readonly string[],
  options: MatchOptions = {},
): readonly (readonly number[])[] {
  checkOptionNames('matchClasses', options, ['renames']);
  const odd = classes.find((name) => !/^[a-z]+( [a-z]+)*$/.test(name));
  if (odd !== undefined) {
    const expected = 'names of lower-case letters and single spaces';
    throw new OptionError({ where: 'matchClasses', argument: 'classes', expected, received: JSON.stringify(odd) });
  }
  const placesOf = new Map<string, number[]>();
  for (const [place, name] of classes.entries()) placesOf.set(name, [...(placesOf.get(name) ?? []), place]);
  const byLength = Array.from(placesOf, ([name, places]) => ({ places, name, variants: variantsOf(name) }));
  byLength.sort((a, b) => b.name.length - a.name.length);
  const renames = Object.entries(options.renames ?? {});
  return texts.map((text) => {
    const lower = renames.reduce((rest, [said, name]) => rest.replaceAll(said, name), text.toLowerCase());
    let left = ` ${lower.replaceAll(/[^a-z]+/g, ' ')} `;
    const named: number[] = [];
    for (const { places, variants } of byLength) {
      const before = left;
      for (const variant of variants) left = left.replaceAll(` ${variant} `, ' ! ');
      if (left !== before) named.push(...places);
    }
    return named.sort((a, b) => a - b);
  });
}

function variantsOf(name: string): string[] {
  const plural = plurals.reduce((changed, [one, many]) => changed.replaceAll(one, many), name);
  return [...new Set([name, name.replace(/s$/, ''), `${name}s`, `${name}es`, plural])].sort();
}
