import { RandomStreams } from '@ltml/tensor';
import { sobolPoints } from './sobol.ts';
import type { Axis, Draws, Sweep } from './sweep-file.ts';

/** A setting of a sweep: values of recipe entries, by dotted name. */
export type Point = Readonly<Record<string, unknown>>;

/** The points of a sweep, in order. If nothing varies, one point without entries. */
export function pointsOf({ grid, list, random, sobol }: Sweep): readonly Point[] {
  if (grid) return combinations(Object.entries(grid));
  if (list) return list;
  if (random) return drawnPoints(random);
  if (sobol) return sobolDraws(sobol);
  return [{}];
}

/** Every combination; the last entry changes fastest. */
function combinations(axes: readonly (readonly [string, readonly unknown[]])[]): Point[] {
  return axes.reduce<Point[]>(
    (points, [entry, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [entry]: value }))),
    [{}],
  );
}

/** Each point has its own random stream, so that a larger `count` keeps the first points. */
function drawnPoints({ count, seed, over }: Draws): Point[] {
  const streams = new RandomStreams(seed);
  return Array.from({ length: count }, (_, i) => {
    const stream = streams.derive('sweep', i);
    return atPlaces(over, () => stream.uniform());
  });
}

/** Points of the Sobol sequence. A random shift makes other seeds give other points; seed 0 has no shift. */
function sobolDraws({ count, seed, over }: Draws): Point[] {
  const dimensions = Object.keys(over).length;
  const stream = new RandomStreams(seed).derive('sobol');
  const shift = Array.from({ length: dimensions }, () => (seed === 0 ? 0 : stream.uniform()));
  return sobolPoints(count, dimensions).map((place) => {
    let d = 0;
    return atPlaces(over, () => {
      const at = (place[d] + shift[d]) % 1;
      d++;
      return at;
    });
  });
}

/** @param next gives a number in [0, 1) for each entry in turn */
function atPlaces(over: Readonly<Record<string, Axis>>, next: () => number): Point {
  return Object.fromEntries(Object.entries(over).map(([entry, axis]) => [entry, valueAt(axis, next())]));
}

/** The value at a place of an axis. @param place in [0, 1) */
function valueAt(axis: Axis, place: number): unknown {
  if (isList(axis)) return axis[Math.floor(place * axis.length)];
  const { from, to, scale, whole } = axis;
  // Each whole number gets an equal part of the range, both ends included.
  const [low, high] = whole ? [from, to + 1] : [from, to];
  const value = scale === 'log' ? low * (high / low) ** place : low + place * (high - low);
  return whole ? Math.min(Math.floor(value), to) : Number(value.toPrecision(6));
}

function isList(axis: Axis): axis is readonly unknown[] {
  return Array.isArray(axis);
}
