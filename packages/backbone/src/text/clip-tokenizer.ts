import { Tokenizer } from '@huggingface/tokenizers';
import { checkChoice, checkCount, checkOptionNames, DataError, OptionError } from '@ltml/tensor';
import { checkTexts } from '../check-sizes.ts';
import { byteSymbols } from './byte-symbols.ts';
import { cleanText, cleanTextAsHuggingFace, cleanTextUnrepaired } from './clean-text.ts';
import {
  checkTokenizerFile,
  endToken,
  parseTokenizerFile,
  startToken,
  type TokenizerFile,
  wordEnd,
} from './tokenizer-file.ts';
import { whitespace } from './whitespace.ts';

/** How texts are cleaned before they are split into tokens, see {@link ClipTokenizerOptions.cleaning}. */
export type ClipCleaning = 'openai' | 'openaiUnrepaired' | 'huggingFace';

const cleanings: Readonly<Record<ClipCleaning, (text: string) => string>> = {
  openai: cleanText,
  openaiUnrepaired: cleanTextUnrepaired,
  huggingFace: cleanTextAsHuggingFace,
};

/** Options of {@link ClipTokenizer}. */
export interface ClipTokenizerOptions {
  /** L, the number of tokens of each text in a batch, with start and end; from 2, default 77. */
  readonly contextLength?: number;
  /**
   * How texts are cleaned. `openai` (default) as OpenAI's code does, which repairs wrongly decoded text and typographic
   * characters; `openaiUnrepaired` without that repair; `huggingFace` as Hugging Face's tokenizer does. For plain ASCII
   * names all are the same.
   */
  readonly cleaning?: ClipCleaning;
  /**
   * What happens to a text with more than L tokens. `warn` (default) cuts it, makes the last token the end token (MKT's
   * rule) and prints a warning. `truncate` does so silently. `refuse` throws an error (the rule of OpenAI and CPRFL).
   */
  readonly overlong?: 'warn' | 'truncate' | 'refuse';
}

/** Token ids of texts. Axes: B texts, L tokens. */
export interface TokenBatch {
  readonly shape: readonly [B: number, L: number];
  /** [B, L] start, the tokens of the text, end, then zeros. */
  readonly ids: Int32Array;
}

/**
 * CLIP's tokenizer: byte-pair encoding of the bytes of lower-case words, 49,408 tokens.
 *
 * A text is cleaned, then split into special tokens, English endings (`'s`, `'ll` …), words, single digits and runs of
 * other characters. In each part, UTF-8 bytes are merged pair by pair in the order of the vocabulary's merges.
 *
 * Source: Radford et al. 2021, section 2.4; Sennrich et al. 2016 for the encoding. `options.cleaning` selects between
 * Hugging Face's and OpenAI's rules where they differ.
 */
export class ClipTokenizer {
  /** L, the number of tokens of each text in a batch. */
  readonly contextLength: number;
  /** Ids by token. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** The id of the start token. */
  readonly startId: number;
  /** The id of the end token. */
  readonly endId: number;
  readonly #clean: (text: string) => string;
  readonly #parts: RegExp;
  readonly #overlong: 'warn' | 'truncate' | 'refuse';
  readonly #encoder: Tokenizer;

  /**
   * @param file the text of a `tokenizer.json`, or the result of {@link tokenizerFromMerges}
   * @throws DataError, OptionError
   */
  constructor(file: string | TokenizerFile, options: ClipTokenizerOptions = {}) {
    checkOptionNames('ClipTokenizer', options, ['contextLength', 'cleaning', 'overlong']);
    const { contextLength = 77, cleaning = 'openai', overlong = 'warn' } = options;
    checkCount('ClipTokenizer', 'options.contextLength', contextLength, { min: 2 });
    checkChoice('ClipTokenizer', 'options.cleaning', cleaning, Object.keys(cleanings) as ClipCleaning[]);
    checkChoice('ClipTokenizer', 'options.overlong', overlong, ['warn', 'truncate', 'refuse']);
    const { vocabulary, merges } = typeof file === 'string' ? parseTokenizerFile(file) : checkTokenizerFile(file);
    this.contextLength = contextLength;
    this.vocabulary = vocabulary;
    this.startId = vocabulary.get(startToken) as number;
    this.endId = vocabulary.get(endToken) as number;
    this.#clean = cleanings[cleaning];
    this.#parts = cleaning === 'huggingFace' ? huggingFaceParts : openaiParts;
    this.#overlong = overlong;
    this.#encoder = bytePairEncoder({ vocabulary, merges });
  }

  /** The cleaned text that is encoded. @throws OptionError if it is not a string */
  clean(text: string): string {
    if (typeof text !== 'string') {
      throw new OptionError({
        where: 'ClipTokenizer',
        argument: 'text',
        expected: 'a string',
        received: Array.isArray(text) ? 'an array' : `${typeof text}`,
      });
    }
    return this.#clean(text);
  }

  /** The token ids of a text, of any length, without start and end. */
  encode(text: string): number[] {
    const parts = this.clean(text).match(this.#parts) ?? [];
    return parts.flatMap((part) => {
      const special = part.toLowerCase();
      if (special === startToken) return this.startId;
      if (special === endToken) return this.endId;
      return this.#encoder.encode(part, { add_special_tokens: false }).ids;
    });
  }

  /**
   * Encodes texts for the text tower.
   *
   * @throws OptionError on a text with more than L tokens, if `options.overlong` is `refuse`
   */
  tokenize(texts: readonly string[]): TokenBatch {
    checkTexts('ClipTokenizer.tokenize', 'texts', texts);
    const L = this.contextLength;
    const ids = new Int32Array(texts.length * L);
    for (const [row, text] of texts.entries()) {
      const tokens = [this.startId, ...this.encode(text), this.endId];
      if (tokens.length > L) this.#answerOverlong(text, tokens.length);
      ids.set(tokens.slice(0, L), row * L);
      if (tokens.length > L) ids[(row + 1) * L - 1] = this.endId;
    }
    return { shape: [texts.length, L], ids };
  }

  /**
   * The cleaned text of token ids, with a space after each word. Bytes that are not valid UTF-8 become U+FFFD.
   *
   * @throws DataError on an id that is not in the vocabulary
   */
  decode(ids: ArrayLike<number>): string {
    const tokens = new Map([...this.vocabulary].map(([token, id]) => [id, token]));
    const bytes = new Map(byteSymbols().map(({ byte, codePoint }) => [String.fromCodePoint(codePoint), byte]));
    const text = Array.from(ids, (id) => {
      const token = tokens.get(id);
      if (token !== undefined) return token;
      throw new DataError({
        where: 'ClipTokenizer.decode',
        argument: 'ids',
        expected: `from 0 to ${tokens.size - 1}`,
        received: `${id}`,
      });
    }).join('');
    const decoded = new TextDecoder().decode(Uint8Array.from(text, (symbol) => bytes.get(symbol) as number));
    return decoded.replaceAll(wordEnd, ' ');
  }

  #answerOverlong(text: string, length: number): void {
    if (this.#overlong === 'truncate') return;
    const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    if (this.#overlong === 'warn') {
      console.warn(`ClipTokenizer: "${shown}" has ${length} tokens and is cut to ${this.contextLength}`);
      return;
    }
    throw new OptionError({
      where: 'ClipTokenizer.tokenize',
      argument: 'texts',
      expected: `at most ${this.contextLength} tokens long`,
      received: `${length} tokens for "${shown}"`,
      hint: "options.overlong = 'truncate' cuts them.",
    });
  }
}

const specialToken = '<\\|startoftext\\|>|<\\|endoftext\\|>';
const wordParts = "'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}";

/** A special token counts only at the start of a part. */
const openaiParts = new RegExp(`${specialToken}|${wordParts}|[^${whitespace}\\p{L}\\p{N}]+`, 'giu');
/** A special token is found first, even inside a run of other characters. */
const huggingFaceParts = new RegExp(
  `${specialToken}|${wordParts}|(?:(?!${specialToken})[^${whitespace}\\p{L}\\p{N}])+`,
  'gu',
);

/**
 * Merges the bytes of one part. Cleaning and splitting are our own, because the library's differ from both references.
 */
function bytePairEncoder({ vocabulary, merges }: TokenizerFile): Tokenizer {
  const model = { type: 'BPE', vocab: Object.fromEntries(vocabulary), merges, end_of_word_suffix: wordEnd };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
  const rest = { added_tokens: [], normalizer: null, post_processor: null, decoder: null };
  return new Tokenizer({ ...rest, model, pre_tokenizer: byteLevel }, {});
}
