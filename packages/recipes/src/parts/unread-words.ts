import type { MethodConfig } from './method-schema.ts';

/** Words of the captions that tiny-clip has learned from, which are all that it knows. */
const knownWords = new Set('red blue green zero one two three four five six seven eight nine'.split(' '));

/** Words of names that tiny-clip has never seen. */
export function unreadWords(names: readonly string[]): string[] {
  const words = names.flatMap((name) => name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [name]);
  return [...new Set(words)].filter((word) => !knownWords.has(word));
}

/** The first of many words, for a message. */
export function firstWords(words: readonly string[]): string {
  return `${words.slice(0, 8).join(', ')}${words.length > 8 ? ', …' : ''}`;
}

/** What to say of a method that has classes read by tiny-clip, which does not know their names; nothing of any other. */
export function noteOnTexts({ classEmbeddings, clip }: MethodConfig, classes: readonly string[]): string | undefined {
  const [entry, reader] = classEmbeddings ? ['classEmbeddings', classEmbeddings] : ['clip', clip];
  const isCarried = reader?.name === 'tiny-clip' && reader.weights === undefined;
  const unread = isCarried ? unreadWords(classes) : [];
  if (unread.length === 0) return undefined;
  return (
    `class names are read by tiny-clip, which was trained on digits in colours and has never seen ${firstWords(unread)}: ` +
    `they say nothing to the method; name another source in method.${entry}`
  );
}
