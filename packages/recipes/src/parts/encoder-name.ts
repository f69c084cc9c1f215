import { encoderByName } from '@ltml/backbone';
import { LtmlError } from '@ltml/tensor';
import * as z from 'zod';

/** What of the zoo a recipe names, or what timm, torchvision, open_clip or the hub call it. */
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

/** The same of a CLIP, whose text tower is meant. */
export const clipName: z.ZodType<string> = encoderName.refine(
  (name) => encoderByName(name).encoder.text !== undefined,
  'should be a CLIP, which reads texts, such as clip_vit_b16',
);
