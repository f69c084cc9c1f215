/**
 * Where a tensor of a file belongs, in canonical names: torchvision's for ResNets, timm's for ViTs, OpenAI's for CLIP.
 */
export interface Placement {
  readonly name: string;
  /** The index of this part, and the number of parts of the named tensor, stacked along the first axis in files. */
  readonly part?: readonly [index: number, count: number];
  /** Whether rows and columns are swapped in the file. */
  readonly transposed?: boolean;
}

/** A pattern for names in a file, and a function that makes the placement from the pattern's groups. */
export type Rule = readonly [pattern: RegExp, place: (...groups: string[]) => string | Placement];

/** Applies the first rule that matches. */
export function placeByRules(rules: readonly Rule[], name: string): Placement | undefined {
  for (const [pattern, place] of rules) {
    const match = pattern.exec(name);
    if (!match) continue;
    const placed = place(...match.slice(1));
    return typeof placed === 'string' ? { name: placed } : placed;
  }
  return undefined;
}

/** A rule that replaces the start of a name and keeps the rest. */
export function prefix(from: string, to: string): Rule {
  return [new RegExp(`^${from.replaceAll('.', '\\.')}(.*)$`), (rest) => to + rest];
}

/** A rule for a single name. */
export function exact(from: string, to: string | Placement): Rule {
  return [new RegExp(`^${from.replaceAll('.', '\\.')}$`), () => to];
}
