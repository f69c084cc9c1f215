import { ClipTextTransformer } from '@ltml/backbone';
import { importState } from '@ltml/tensor';
import type { TextTokenizer } from '@ltml/tensor/contract';
import type { ParityInputs } from '../../tensor/parity/adapter.ts';
import { storedWeights } from '../../tensor/parity/stored-module.ts';

/** The text tower of a case. Its weights have OpenAI's names with the prefix `w/`. */
export function storedTextTower(inputs: ParityInputs): ClipTextTransformer {
  const { heads, layers } = inputs.params as Readonly<Record<string, number>>;
  const [contextLength, width] = inputs.host('w/positional_embedding').shape;
  const [vocabularySize] = inputs.host('w/token_embedding.weight').shape;
  const [, embedding] = inputs.host('w/text_projection').shape;
  const tower = new ClipTextTransformer({ vocabularySize, contextLength, width, layers, heads, embedding });
  const weights = storedWeights(inputs);
  weights.delete('logit_scale');
  importState(tower, weights);
  return tower.eval();
}

/** A made-up phrase that stands for the stored initial words of a context. */
export const storedPhrase = (sign: string): string => `the words of ${sign.replaceAll('_', ' ')}`;

/**
 * A tokenizer that gives the stored tokens for class names, and for the initial phrases of contexts.
 *
 * @param contexts number of context tokens for each of the stored ids
 */
export function storedTokenizer(inputs: ParityInputs, contexts: Readonly<Record<string, number>>): TextTokenizer {
  const tokens = new Map<string, number[]>();
  let [startId, endId, contextLength] = [0, 0, 0];
  for (const [key, n] of Object.entries(contexts)) {
    if (!inputs.has(key)) continue;
    const [C, M] = inputs.host(key).shape;
    const ids = inputs.numbers(key);
    [startId, endId, contextLength] = [ids[0], Math.max(...ids), M];
    for (let c = 0; c < C; c++) {
      const row = ids.slice(c * M, (c + 1) * M);
      const name = (inputs.params.classes as string[])[c].replaceAll('_', ' ');
      const behind = row.slice(1 + n, row.indexOf(endId));
      tokens.set(`${name}.`, behind);
      tokens.set(name, behind.slice(0, -1));
      if (c === 0) tokens.set(storedPhrase(key), row.slice(1, 1 + n));
    }
  }
  return { startId, endId, contextLength, encode: (text) => tokens.get(text) ?? [] };
}
