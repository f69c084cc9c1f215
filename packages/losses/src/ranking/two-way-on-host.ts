import type { LossTensors } from '../core/checks.ts';
import { expOfMinus, logOfOnePlus } from '../core/host.ts';

/** Parameters of the two-way loss, see `TwoWayLossOptions`. */
export interface TwoWayTerms {
  readonly positiveTemperature: number;
  readonly negativeTemperature: number;
  readonly classes: boolean;
  readonly images: boolean;
}

/** The two-way loss on the host: its value, and the derivatives times `scale` in `byLogit`. */
export function twoWayPass(
  { logits, labels, known }: LossTensors,
  terms: TwoWayTerms,
  byLogit: Float32Array,
  scale: number,
): number {
  const [B, C] = logits.shape;
  const x = logits.dataSync();
  const y = labels.dataSync();
  const mask = known?.dataSync();
  const places = (start: number, step: number, count: number): Line => ({ start, step, count });
  const classes = terms.classes ? Array.from({ length: C }, (_, c) => places(c, C, B)) : [];
  const images = terms.images ? Array.from({ length: B }, (_, b) => places(b * C, 1, C)) : [];
  const entries = { x, y, mask };
  return meanOver(classes, entries, terms, byLogit, scale) + meanOver(images, entries, terms, byLogit, scale);
}

/** The entries of a row or a column in a flat array. */
interface Line {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

interface EntriesOnHost {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly mask: ArrayLike<number> | undefined;
}

/** The mean loss over the lines that have a positive; it adds their derivatives to `byLogit`. */
function meanOver(
  lines: readonly Line[],
  { x, y, mask }: EntriesOnHost,
  { positiveTemperature, negativeTemperature }: TwoWayTerms,
  byLogit: Float32Array,
  scale: number,
): number {
  const hasPositive = ({ start, step, count }: Line): boolean => {
    for (let i = start; i < start + step * count; i += step) if (y[i] > 0 && !(mask && mask[i] === 0)) return true;
    return false;
  };
  const counted = lines.filter(hasPositive);
  let sum = 0;
  for (const { start, step, count } of counted) {
    const end = start + step * count;
    let [highest, lowest] = [-Infinity, Infinity];
    for (let i = start; i < end; i += step) {
      if (mask && mask[i] === 0) continue;
      if (y[i] > 0) lowest = Math.min(lowest, x[i]);
      else highest = Math.max(highest, x[i]);
    }
    if (highest === -Infinity) continue;
    let [low, high] = [0, 0];
    for (let i = start; i < end; i += step) {
      if (mask && mask[i] === 0) continue;
      if (y[i] > 0) high += expOfMinus((x[i] - lowest) / positiveTemperature);
      else low += expOfMinus((highest - x[i]) / negativeTemperature);
    }
    const u = highest - lowest + negativeTemperature * Math.log(low) + positiveTemperature * Math.log(high);
    const e = expOfMinus(Math.abs(u));
    sum += Math.max(u, 0) + logOfOnePlus(e);
    const share = (scale * (u >= 0 ? 1 : e)) / (1 + e) / counted.length;
    for (let i = start; i < end; i += step) {
      if (mask && mask[i] === 0) continue;
      byLogit[i] +=
        y[i] > 0
          ? (-share * expOfMinus((x[i] - lowest) / positiveTemperature)) / high
          : (share * expOfMinus((highest - x[i]) / negativeTemperature)) / low;
    }
  }
  return counted.length > 0 ? sum / counted.length : 0;
}
