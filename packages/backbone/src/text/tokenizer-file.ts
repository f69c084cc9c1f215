import { DataError, parseJson } from '@ltml/tensor';
import { checkTexts } from '../check-sizes.ts';
import { byteSymbols } from './byte-symbols.ts';

/** The used parts of a CLIP `tokenizer.json`: a byte-level vocabulary, ranked merges and two special tokens. */
export interface TokenizerFile {
  /** Ids by token. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs of neighbouring tokens that are merged, in order of priority. */
  readonly merges: readonly (readonly [string, string])[];
}

/** The token at the start of a text. */
export const startToken = '<|startoftext|>';
/** The token at the end of a text. */
export const endToken = '<|endoftext|>';
/** The suffix of the last symbol of a word. */
export const wordEnd = '</w>';

/**
 * Reads the text of a `tokenizer.json`. Merges may be written as `"a b"` (older files) or as `["a", "b"]`.
 *
 * @param name name of the file in errors
 * @throws DataError unless it is a byte-level BPE with `</w>`, `<|startoftext|>` and `<|endoftext|>`
 */
export function parseTokenizerFile(text: string, name: string = 'the tokenizer.json'): TokenizerFile {
  const unusable = refusal(name);
  if (typeof text !== 'string') throw unusable('a text', shown(text));
  const file = parseJson('ClipTokenizer', name, text) as Json;
  const model = field(file, 'model') as Json;
  if (field(model, 'type') !== 'BPE' || field(model, 'end_of_word_suffix') !== wordEnd) {
    throw unusable(
      'a byte-level BPE whose words end in </w>',
      `${field(model, 'type')} with ${field(model, 'end_of_word_suffix')}`,
    );
  }
  const asList = (value: unknown): unknown[] => {
    if (value === undefined || Array.isArray(value)) return value ?? [];
    throw unusable('lists of merges and added tokens', typeof value);
  };
  const vocabulary = new Map(Object.entries(field(model, 'vocab') ?? {}) as [string, number][]);
  for (const token of asList(field(file, 'added_tokens'))) {
    vocabulary.set(String(field(token as Json, 'content')), Number(field(token as Json, 'id')));
  }
  const merges = asList(field(model, 'merges')).map((merge) => (typeof merge === 'string' ? merge.split(' ') : merge));
  return checkTokenizerFile({ vocabulary, merges: merges as [string, string][] }, name);
}

/**
 * Builds the vocabulary for a list of merges: the byte symbols, the byte symbols at the end of a word, one token per
 * merge, then start and end. CLIP's 48,894 merges (`merges.txt` without its first line) give CLIP's vocabulary.
 *
 * @param merges as `"a b"`, in order of rank
 * @throws DataError if a merge does not have two parts, or joins something that is not a token yet
 */
export function tokenizerFromMerges(merges: readonly string[]): TokenizerFile {
  checkTexts('tokenizerFromMerges', 'merges', merges);
  const symbols = byteSymbols().map(({ codePoint }) => String.fromCodePoint(codePoint));
  const pairs = merges.map((merge) => merge.split(' ') as [string, string]);
  const tokens = [...symbols, ...symbols.map((symbol) => symbol + wordEnd), ...pairs.map((pair) => pair.join(''))];
  tokens.push(startToken, endToken);
  return checkTokenizerFile({ vocabulary: new Map(tokens.map((token, id) => [token, id])), merges: pairs });
}

/** The text of a `tokenizer.json` that Hugging Face's tokenizers can read too. */
export function writeTokenizerFile({ vocabulary, merges }: TokenizerFile): string {
  const special = [startToken, endToken].map((content) => ({ content, id: vocabulary.get(content) ?? 0 }));
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: true, special: true };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const pattern = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((token) => ({ ...token, ...flags })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Removed', invert: true }, byteLevel],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [endToken, special[1].id],
      cls: [startToken, special[0].id],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      unk_token: endToken,
      end_of_word_suffix: wordEnd,
      vocab: Object.fromEntries(vocabulary),
      merges: merges.map((pair) => pair.join(' ')),
    },
  });
}

type Json = Readonly<Record<string, unknown>>;

/** Checks that the ids are dense, all necessary tokens exist, and merges consist of known tokens. @throws DataError */
export function checkTokenizerFile(file: TokenizerFile, name: string = 'the tokenizer.json'): TokenizerFile {
  const unusable = refusal(name);
  const isComplete = typeof file === 'object' && file?.vocabulary instanceof Map && Array.isArray(file.merges);
  if (!isComplete) throw unusable('the text of a file, or a vocabulary and merges', shown(file));
  const { vocabulary, merges } = file;
  const ids = new Set(vocabulary.values());
  const isDense =
    ids.size === vocabulary.size && [...ids].every((id) => Number.isInteger(id) && id >= 0 && id < ids.size);
  if (!isDense)
    throw unusable('a vocabulary with the ids 0, 1, 2, …', `${vocabulary.size} tokens with ${ids.size} ids`);
  const known = (token: string): boolean => vocabulary.has(token);
  const symbols = byteSymbols().map(({ codePoint }) => String.fromCodePoint(codePoint));
  const needed = [startToken, endToken, ...symbols, ...symbols.map((symbol) => symbol + wordEnd)];
  const missing = needed.filter((token) => !known(token));
  if (missing.length > 0)
    throw unusable(`a vocabulary with ${missing[0]}`, `one without it and ${missing.length - 1} others`);
  const broken = merges.find(
    (pair) => !Array.isArray(pair) || pair.length !== 2 || !pair.every(known) || !known(pair.join('')),
  );
  if (broken) throw unusable('merges of two tokens that make a third', JSON.stringify(broken));
  return file;
}

function field(value: Json | null | undefined, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? value[name] : undefined;
}

function shown(value: unknown): string {
  return value === null || typeof value !== 'object' ? `${value === null ? 'null' : typeof value}` : 'an object';
}

function refusal(name: string): (expected: string, received: string) => DataError {
  return (expected, received) => new DataError({ where: 'ClipTokenizer', argument: name, expected, received });
}
