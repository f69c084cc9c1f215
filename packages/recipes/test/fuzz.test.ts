import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/usage-error.ts';
import { mutants } from './mutants.ts';
import { resolveText } from './resolve-text.ts';

const examples = fileURLToPath(new URL('../../../examples/recipes', import.meta.url));
const texts = readdirSync(examples).map((name) => readFileSync(join(examples, name), 'utf8'));

/** The complaint about a text, or nothing. @throws whatever is not a complaint */
async function complaint(text: string): Promise<string | undefined> {
  try {
    await resolveText(text);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

describe('a recipe', () => {
  it('that is damaged at random is taken or refused with its place, never otherwise', async () => {
    let refused = 0;
    for (const text of mutants(texts, { seed: 1, count: 300 })) {
      const message = await complaint(text);
      if (message === undefined) continue;
      refused++;
      for (const line of message.split('\n')) expect(line, text).toMatch(/^run\.yaml/);
    }
    expect(refused).toBeGreaterThan(100);
  });

  it.each([
    ['nested without end', `a: ${'['.repeat(100_000)}`, /^run\.yaml:1: should be nested at most 50 deep/],
    [
      'nested in blocks',
      Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      /^run\.yaml:\d+: should be nested/,
    ],
    [
      'of aliases that stand for aliases',
      `a0: &a0 [1, 1]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join('\n')}`,
      /^run\.yaml:2: aliases expand too far/,
    ],
    ['that holds itself', 'a: &a [*a]', /^run\.yaml/],
    ['of a megabyte', `# ${'x'.repeat(1_000_001)}`, /^run\.yaml: should have at most 1000000 characters/],
  ])('%s is refused', async (_, text, message) => {
    expect(await complaint(text)).toMatch(message);
  });

  it('is answered with the name that is nearest', async () => {
    expect(await complaint('bachSize: 3\nloss: { name: focal }')).toMatch(
      /^run\.yaml:1: unknown "bachSize" \(batchSize\?\); known: /,
    );
    expect(await complaint('loss: { name: focal }\nevaluation: { select: { metric: map } }')).toMatch(
      /^run\.yaml:2: evaluation\.select\.metric: .*mAP/,
    );
  });
});
