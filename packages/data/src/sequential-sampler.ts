import { checkCount } from '@ltml/tensor';
import type { Sampler } from './labelled-inputs.ts';

/** Every image once, in order: for evaluation. It has no state. */
export class SequentialSampler implements Sampler {
  readonly epochLength: number;

  /** @param length N, the number of images; with 0 an epoch has no indices @throws OptionError */
  constructor(length: number) {
    checkCount('SequentialSampler', 'length', length, { min: 0 });
    this.epochLength = length;
  }

  nextEpoch(): Int32Array {
    return Int32Array.from({ length: this.epochLength }, (_, i) => i);
  }

  exportState(): null {
    return null;
  }

  importState(_state: unknown): void {}
}
