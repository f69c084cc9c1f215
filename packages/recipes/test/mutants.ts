import { RandomStream } from '@ltml/tensor';

const pieces = [
  ...['null', 'true', '-1', '0', '.nan', '.inf', '1e400', '""', '[]', '{}', '{ name: x }', '[1, 2]', '0x7f', '~'],
  ...['name', '__proto__', 'constructor', '&a', '*a', '<<: *a', '!!binary x', '? [1]\n: 2', '\t', '\u0000', '%', '@'],
  ...['- ', ': ', '#', '"', "'", '|', '>', '{', '}', '[', ']', ',', '99999999999999999999', '𝔘', '\ud800'],
];

/** Texts with some letters lost, doubled, swapped with other places, or replaced by what parsers stumble over. */
export function* mutants(
  texts: readonly string[],
  { seed, count }: { readonly seed: number; readonly count: number },
): Generator<string> {
  const random = new RandomStream(seed);
  for (let i = 0; i < count; i++) {
    let text = texts[random.integer(texts.length)];
    for (let changes = 1 + random.integer(4); changes > 0; changes--) {
      const from = random.integer(text.length + 1);
      const to = Math.min(text.length, from + random.integer(12));
      const kinds = [
        () => text.slice(0, from) + text.slice(to),
        () => text.slice(0, to) + text.slice(from),
        () => text.slice(0, from) + pieces[random.integer(pieces.length)] + text.slice(to),
        () =>
          text.replace(/: [^\n]+/g, (value) =>
            random.integer(6) === 0 ? `: ${pieces[random.integer(pieces.length)]}` : value,
          ),
      ];
      text = kinds[random.integer(kinds.length)]();
    }
    yield text;
  }
}
