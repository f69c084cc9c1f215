import type { Sampler } from './dataset.ts';

/** The images in their own order, each once: what an evaluation runs over. It has no state. */
export class SequentialSampler implements Sampler {
  readonly epochLength: number;

  constructor(length: number) {
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
