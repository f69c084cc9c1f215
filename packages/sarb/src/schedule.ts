import { checkCount, checkNumber } from '@ltml/tensor';

/** When blending starts and prototypes are computed, in epochs counted from 0. */
export interface BlendingSchedule {
  /** The first epoch with blending; 5 in the released code. */
  readonly from: number;
  /** Epochs between two computations of the prototypes. The first is before epoch `from`. 5 in the released code. */
  readonly prototypesEvery: number;
}

/** Whether an epoch blends. @throws OptionError */
export function isBlending(epoch: number, { from }: Pick<BlendingSchedule, 'from'>): boolean {
  checkCount('isBlending', 'epoch', epoch, { min: 0 });
  checkCount('isBlending', 'schedule.from', from, { min: 0 });
  return epoch >= from;
}

/** Whether prototypes are computed before an epoch. @throws OptionError */
export function prototypesDue(epoch: number, { from, prototypesEvery }: BlendingSchedule): boolean {
  checkCount('prototypesDue', 'epoch', epoch, { min: 0 });
  checkCount('prototypesDue', 'schedule.from', from, { min: 0 });
  checkCount('prototypesDue', 'schedule.prototypesEvery', prototypesEvery);
  return epoch >= from && (epoch - from) % prototypesEvery === 0;
}

/**
 * Weight of the contrastive loss at a step: it rises linearly from 0 during the first epoch, and then stays constant.
 *
 * @param step number of the step since the start of training, from 0
 * @throws OptionError
 *
 * Source: the released code of SARB.
 */
export function contrastiveWeight(step: number, stepsPerEpoch: number, weight: number): number {
  checkNumber('contrastiveWeight', 'step', step, { min: 0 });
  checkNumber('contrastiveWeight', 'stepsPerEpoch', stepsPerEpoch, { above: 0 });
  checkNumber('contrastiveWeight', 'weight', weight, { min: 0 });
  return weight * Math.min(1, step / stepsPerEpoch);
}
