import { encoderByName } from '@ltml/backbone';
import * as z from 'zod';
import { clipName } from './encoder-name.ts';
import type { EncoderConfig } from './encoders.ts';

/** A CLIP as a recipe has it, for methods that read texts or have a teacher. */
export interface ClipConfig {
  /** Of the zoo of `@ltml/backbone`, or what others call it. */
  readonly name: string;
  /** As of an encoder. */
  readonly weights?: string | undefined;
  /** Path of a `tokenizer.json`; left out, that beside the weights, or that of OpenAI's CLIP in the cache of the hub. */
  readonly tokenizer?: string | undefined;
}

const text: z.ZodOptional<z.ZodString> = z.string().min(1).optional();

/** Where a CLIP is read from. */
export const clipEntries: { readonly weights: typeof text; readonly tokenizer: typeof text } = {
  weights: text.describe('hub:owner/name, with @commit if one is meant; a file; none'),
  tokenizer: text.describe('Path of a tokenizer.json; by default that beside the weights'),
};

export const clipSchema: z.ZodType<ClipConfig> = z.strictObject({
  name: clipName.describe('Of the zoo, or what open_clip or the Hugging Face hub call it'),
  ...clipEntries,
});

/**
 * The CLIP that is meant where a recipe names none: the encoder itself if it is one, and `tiny-clip` beside the small
 * networks that the package carries; undefined beside others.
 */
export function usualClip({ name, weights }: EncoderConfig): ClipConfig | undefined {
  const { encoder } = encoderByName(String(name));
  if (encoder.text) return { name: String(name), ...(weights !== undefined && { weights }) };
  return encoder.layouts.length === 0 ? { name: 'tiny-clip' } : undefined;
}
