/** Where a tensor of a file belongs, in canonical names: torchvision's for ResNets, timm's for ViTs, OpenAI's for CLIP. */
export interface Placement {
  readonly name: string;
  /** Which part of the tensor of this name it is, of so many, one after the other along the first axis of files. */
  readonly part?: readonly [index: number, count: number];
  /** Whether the file has rows and columns the other way round. */
  readonly transposed?: boolean;
}

/** A pattern of names in a file, and the placement of those it matches. The groups of the pattern are `groups`. */
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

/** A rule that keeps the rest of a name after a fixed start. */
export function prefix(from: string, to: string): Rule {
  return [new RegExp(`^${from.replaceAll('.', '\\.')}(.*)$`), (rest) => to + rest];
}

/** A rule for one name. */
export function exact(from: string, to: string | Placement): Rule {
  return [new RegExp(`^${from.replaceAll('.', '\\.')}$`), () => to];
}
