import { encoderByName } from '@ltml/backbone';
import { LtmlError } from '@ltml/tensor';
import * as z from 'zod';

/** Name of an encoder in the zoo, or in timm, torchvision, open_clip or on the hub. */
export const encoderName: z.ZodType<string> = z.string().check((context) => {
  try {
    encoderByName(context.value);
  } catch (error) {
    if (!LtmlError.is(error)) throw error;
    const { expected, hint } = error;
    context.issues.push({
      code: 'custom',
      input: context.value,
      message: `should be ${expected}. ${hint ?? ''}`.trim(),
    });
  }
});

/** Name of a CLIP, for its text tower. */
export const clipName: z.ZodType<string> = encoderName.refine(
  (name) => encoderByName(name).encoder.text !== undefined,
  'should be a CLIP, since texts must be read, e.g. clip_vit_b16',
);
