import type { RandomStream } from '@ltml/tensor';
import type { MapEncoder } from '@ltml/tensor/contract';

/** An encoder that trains with a method. Without one the inputs are features. */
export interface StepEncoder {
  readonly name: string;
  /** Side of an image, in pixels. */
  readonly image: number;
  create(random: RandomStream): MapEncoder;
  /** Python that defines `encoder`, a module from images to feature maps [B, C, h, w]. */
  readonly torch: string;
}

/** Python that creates the input `x` of a step, and `encode(x)`, which gives its places [B, L, C]. */
export function torchInput(encoder: StepEncoder | undefined, batch: number, features: string): string {
  if (!encoder) return `x = torch.randn(${features})\nencode, encoder_parameters = (lambda x: x), []`;
  return `${encoder.torch}
x = torch.randn(${batch}, 3, ${encoder.image}, ${encoder.image})
encode = lambda x: encoder(x).flatten(2).transpose(1, 2)
encoder_parameters = [parameter for parameter in encoder.parameters() if parameter.requires_grad]`;
}
