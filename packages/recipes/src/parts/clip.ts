import { encoderByName } from '@ltml/backbone';
import * as z from 'zod';
import { clipName } from './encoder-name.ts';
import type { EncoderConfig } from './encoders.ts';

/** A CLIP in a recipe, for methods that read texts or have a teacher. */
export interface ClipConfig {
  /** Name in the zoo of `@ltml/backbone`, or in another library. */
  readonly name: string;
  /** See {@link EncoderConfig.weights}. */
  readonly weights?: string | undefined;
  /**
   * Path of a `tokenizer.json`; default: the one beside the weights, else that of OpenAI's CLIP in the Hugging Face
   * cache.
   */
  readonly tokenizer?: string | undefined;
}

const text: z.ZodOptional<z.ZodString> = z.string().min(1).optional();

/** Entries for the files of a CLIP. */
export const clipEntries: { readonly weights: typeof text; readonly tokenizer: typeof text } = {
  weights: text.describe('hub:owner/name, also with @commit; a file; none'),
  tokenizer: text.describe('Path of a tokenizer.json; by default the one beside the weights'),
};

export const clipSchema: z.ZodType<ClipConfig> = z.strictObject({
  name: clipName.describe('Name in the zoo, in open_clip or on the Hugging Face hub'),
  ...clipEntries,
});

/**
 * The default CLIP of a recipe: the encoder itself if it is a CLIP; `tiny-clip` for the small networks in the package;
 * otherwise none (undefined).
 */
export function usualClip({ name, weights }: EncoderConfig): ClipConfig | undefined {
  const { encoder } = encoderByName(String(name));
  if (encoder.text) return { name: String(name), ...(weights !== undefined && { weights }) };
  return encoder.layouts.length === 0 ? { name: 'tiny-clip' } : undefined;
}
