import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  buildTextTower,
  type ClipTextTransformer,
  ClipTokenizer,
  encoderByName,
  loadTextTower,
  parseTokenizerFile,
  type ZooEncoder,
} from '@ltml/backbone';
import { hubFile, loadTinyClip, readTokenizerFile, tinyClipTokenizerFile, withWeights } from '@ltml/backbone/node';
import { DataError, type RandomStream, RandomStreams } from '@ltml/tensor';
import type { ClipConfig } from '../parts/clip.ts';
import { weightsOf } from './weights-of.ts';

/** A text tower and its tokenizer. The caller disposes of the tower. */
export interface LoadedTexts {
  readonly textTower: ClipTextTransformer;
  readonly tokenizer: ClipTokenizer;
  /** Content of the tokenizer file. */
  readonly tokenizerFile: string;
}

/**
 * Loads the text tower of a CLIP with its tokenizer. Downloads nothing.
 *
 * @param seed of random weights, used if `weights` is `none`
 * @param overlong what to do with texts that have too many tokens
 * @throws DataError if weights or tokenizer do not exist (the message has the command that downloads them), or belong
 * to another tower
 */
export async function loadTexts(
  { name, weights, tokenizer }: ClipConfig,
  seed: number,
  overlong: 'warn' | 'refuse' = 'warn',
): Promise<LoadedTexts> {
  const found = encoderByName(name);
  const { encoder } = found;
  const { path } = weights === 'none' ? {} : await weightsOf(found, weights);
  const read = await readTokenizer(encoder, tokenizer, path, overlong);
  if (weights === 'none') return { ...read, textTower: buildTextTower(encoder, random(seed)).eval() };
  if (path !== undefined) {
    return { ...read, textTower: await withWeights(path, (file) => loadTextTower(encoder, file)) };
  }
  const { clip } = await loadTinyClip();
  clip.visual.dispose();
  clip.logit_scale.dispose();
  return { ...read, textTower: clip.text };
}

const random = (seed: number): RandomStream => new RandomStreams(seed).stream('texts');

/** Tokenizer of all CLIPs in the zoo. */
const openai = { model: 'openai/clip-vit-base-patch32', file: 'tokenizer.json' };

/** @param weights path of the weights, if they come from a file */
async function readTokenizer(
  { name, text, layouts }: ZooEncoder,
  given: string | undefined,
  weights: string | undefined,
  overlong: 'warn' | 'refuse',
): Promise<Omit<LoadedTexts, 'textTower'>> {
  const { contextLength, vocabularySize } = text as NonNullable<typeof text>;
  const isCarried = given === undefined && layouts.length === 0;
  const path = isCarried ? undefined : (given ?? (await tokenizerPath(weights)));
  const tokenizerFile = path === undefined ? await tinyClipTokenizerFile() : await readTokenizerFile(path);
  const tokenizer = new ClipTokenizer(parseTokenizerFile(tokenizerFile, path), { contextLength, overlong });
  const tokens = tokenizer.vocabulary.size;
  if (tokens <= vocabularySize) return { tokenizer, tokenizerFile };
  const expected = `a tokenizer of at most ${vocabularySize} tokens, which ${name} has`;
  throw new DataError({ where: 'loadTexts', argument: String(path), expected, received: `${tokens}` });
}

/**
 * Path of the tokenizer beside the weights, or of OpenAI's in the Hugging Face cache. @throws DataError if neither
 * exists
 */
export async function tokenizerPath(weights: string | undefined): Promise<string> {
  const beside = weights === undefined ? undefined : join(dirname(weights), 'tokenizer.json');
  return beside !== undefined && existsSync(beside) ? beside : hubFile(openai);
}
