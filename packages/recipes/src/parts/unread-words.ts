import type { MethodConfig } from './method-schema.ts';

/** The words of tiny-clip's training captions. It knows no others. */
const knownWords = new Set('red blue green zero one two three four five six seven eight nine'.split(' '));

/** Words of class names that tiny-clip has never seen. */
export function unreadWords(names: readonly string[]): string[] {
  const words = names.flatMap((name) => name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [name]);
  return [...new Set(words)].filter((word) => !knownWords.has(word));
}

/** The first 8 words, for a message. */
export function firstWords(words: readonly string[]): string {
  return `${words.slice(0, 8).join(', ')}${words.length > 8 ? ', …' : ''}`;
}

/** A warning if tiny-clip reads the class names and does not know them; undefined otherwise. */
export function noteOnTexts({ classEmbeddings, clip }: MethodConfig, classes: readonly string[]): string | undefined {
  const [entry, reader] = classEmbeddings ? ['classEmbeddings', classEmbeddings] : ['clip', clip];
  const isCarried = reader?.name === 'tiny-clip' && reader.weights === undefined;
  const unread = isCarried ? unreadWords(classes) : [];
  if (unread.length === 0) return undefined;
  return (
    `tiny-clip reads the class names, but was trained on coloured digits and has never seen ${firstWords(unread)}: ` +
    `these names tell the method nothing; choose another source in method.${entry}`
  );
}
