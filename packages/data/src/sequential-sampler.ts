import { checkCount } from '@ltml/tensor';
import type { Sampler } from './labelled-inputs.ts';

/** The images in their own order, each once: what an evaluation runs over. It has no state. */
export class SequentialSampler implements Sampler {
  readonly epochLength: number;

  /** @param length N, the number of images; an epoch over none has no indices */
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
