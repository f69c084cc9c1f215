import { type BytePicture, cutout, type Picture, randAugmentOperations } from '@ltml/images';
import { RandomStream } from '@ltml/tensor';
import type {
  ParityAdapter,
  ParityAdapters,
  ParityInputs,
  ParityValue,
} from '../../../packages/tensor/parity/adapter.ts';

function storedPicture(inputs: ParityInputs): BytePicture {
  const { shape, data } = inputs.host('in.image');
  return { height: shape[0], width: shape[1], pixels: data as Uint8Array };
}

/** A random stream whose integers come from a list. */
function scripted(draws: readonly number[]): RandomStream {
  let at = 0;
  return Object.assign(new RandomStream(0), { integer: () => draws[at++] });
}

const asBytes = ({ height, width, pixels }: Picture): ParityValue => ({
  dtype: 'U8',
  shape: [height, width, 3],
  data: Uint8Array.from(pixels),
});

const cutoutPil: ParityAdapter = (inputs) => {
  const draws = [...inputs.numbers('in.center_yx'), ...inputs.numbers('in.fill_rgb')];
  const transform = cutout({ share: inputs.params.cutout_factor as number });
  return { 'out.image': asBytes(transform(storedPicture(inputs), scripted(draws))) };
};

/**
 * Every operation with the strengths of the case. Names are `Operation.m<level>`, with `.neg` for a negative strength.
 */
const operations: ParityAdapter = (inputs) => {
  const picture = storedPicture(inputs);
  const strengths = Object.entries(inputs.params).filter(([name]) => !name.endsWith('.center_xy'));
  return Object.fromEntries(
    strengths.map(([name, strength]) => {
      const operation = randAugmentOperations[name.split('.')[0] as keyof typeof randAugmentOperations];
      const signed = (name.endsWith('.neg') ? -1 : 1) * (strength as number);
      const centre = inputs.params[`${name}.center_xy`] as number[] | undefined;
      return [`out.${name}`, asBytes(operation.apply(picture, signed, scripted(centre ?? [])))];
    }),
  );
};

export const augmentationAdapters: ParityAdapters = { cutout: cutoutPil, randaugment_ops: operations };
