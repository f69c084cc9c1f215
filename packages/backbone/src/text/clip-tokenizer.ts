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

/** How texts are cleaned before they are cut into tokens; see `ClipTokenizerOptions`. */
export type ClipCleaning = 'openai' | 'openaiUnrepaired' | 'huggingFace';

const cleanings: Readonly<Record<ClipCleaning, (text: string) => string>> = {
  openai: cleanText,
  openaiUnrepaired: cleanTextUnrepaired,
  huggingFace: cleanTextAsHuggingFace,
};

export interface ClipTokenizerOptions {
  /** L, tokens a text has in a batch, with start and end; default 77. */
  readonly contextLength?: number;
  /**
   * How texts are cleaned before they are parted: `openai` (default) as OpenAI's code does, with the repair of wrongly
   * decoded text and typographic signs; `openaiUnrepaired` without that; `huggingFace` as Hugging Face's tokenizer does. For
   * plain ASCII names all are the same.
   */
  readonly cleaning?: ClipCleaning;
  /**
   * What becomes of a text of more than L tokens: the rest is cut off, the last token being the end (MKT's rule), with a
   * warning (`warn`, default) or in silence (`truncate`); or it is an error (`refuse`, the rule of OpenAI and CPRFL).
   */
  readonly overlong?: 'warn' | 'truncate' | 'refuse';
}

/** Token ids of texts. Axes: B texts, L tokens. */
export interface TokenBatch {
  readonly shape: readonly [B: number, L: number];
  /** [B, L] start, the text's tokens, end, then zeros. */
  readonly ids: Int32Array;
}

/**
 * CLIP's tokenizer: byte-pair encoding of the bytes of lower-case words, 49,408 tokens.
 *
 * A text is cleaned, parted into special tokens, English endings (`'s`, `'ll` …), words, single digits and runs of other
 * signs; each part's UTF-8 bytes are joined pair by pair, by rank, as far as the vocabulary's merges go.
 *
 * Source: Radford et al. 2021, section 2.4; Sennrich et al. 2016 for the encoding. Where a tokenizer of Hugging Face and
 * OpenAI's differ, `options.cleaning` tells.
 */
export class ClipTokenizer {
  /** L */
  readonly contextLength: number;
  /** Ids by token. */
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly startId: number;
  readonly endId: number;
  readonly #clean: (text: string) => string;
  readonly #parts: RegExp;
  readonly #overlong: 'warn' | 'truncate' | 'refuse';
  readonly #encoder: Tokenizer;

  /**
   * @param file the text of a `tokenizer.json`, or what {@link tokenizerFromMerges} made
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

  /** The text as it is encoded. */
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

  /** Ids of a text's tokens, however many, without start and end. */
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
   * Texts as the text tower takes them.
   *
   * @throws OptionError for a text of more than L tokens, if `options.overlong` is `refuse`
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
   * The cleaned text that tokens stand for, with a space after each word; bytes that are no UTF-8 become U+FFFD.
   *
   * @throws DataError for an id that is not in the vocabulary
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

/** A special token counts only where a part begins. */
const openaiParts = new RegExp(`${specialToken}|${wordParts}|[^${whitespace}\\p{L}\\p{N}]+`, 'giu');
/** A special token is found first, also within a run of signs. */
const huggingFaceParts = new RegExp(
  `${specialToken}|${wordParts}|(?:(?!${specialToken})[^${whitespace}\\p{L}\\p{N}])+`,
  'gu',
);

/** Joins the bytes of one part. Cleaning and parting are ours, since those of the library differ from both references. */
function bytePairEncoder({ vocabulary, merges }: TokenizerFile): Tokenizer {
  const model = { type: 'BPE', vocab: Object.fromEntries(vocabulary), merges, end_of_word_suffix: wordEnd };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
  const rest = { added_tokens: [], normalizer: null, post_processor: null, decoder: null };
  return new Tokenizer({ ...rest, model, pre_tokenizer: byteLevel }, {});
}
