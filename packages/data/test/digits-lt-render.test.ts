import { RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { renderScene } from '../src/digits-lt/render.ts';
import type { Placement } from '../src/digits-lt/scene.ts';
import { optdigits } from '../src/optdigits.ts';

const glyphs = optdigits();
const one = [...glyphs.digits].indexOf(1);

/** Renders a single white digit on what is otherwise the same ground, and gives where it changed the red channel. */
function inked(change: Partial<Placement>): { x: number; y: number; amount: number }[] {
  const placement: Placement = {
    digit: 1,
    ink: 'white',
    labelled: false,
    glyph: one,
    x: 32,
    y: 32,
    scale: 24,
    rotation: 0,
    color: [255, 255, 255],
    ...change,
  };
  const [empty, scene] = [[], [placement]].map((placements) => {
    const pixels = new Uint8Array(64 * 64 * 3);
    renderScene(placements, glyphs, 0, new RandomStream(1), pixels);
    return pixels;
  });
  return Array.from({ length: 64 * 64 }, (_, i) => ({
    x: i % 64,
    y: Math.floor(i / 64),
    amount: scene[i * 3] - empty[i * 3],
  })).filter(({ amount }) => amount > 0);
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const extent = (values: number[]): number => Math.max(...values) - Math.min(...values) + 1;

test('a digit is drawn at its place and in its size', () => {
  const pixels = inked({ x: 40, y: 20 });
  expect(Math.abs(mean(pixels.map(({ x }) => x + 0.5)) - 40)).toBeLessThan(2);
  expect(Math.abs(mean(pixels.map(({ y }) => y + 0.5)) - 20)).toBeLessThan(2);
  // Digits of the data set fill the height of their box.
  expect(extent(pixels.map(({ y }) => y))).toBeGreaterThan(20);
  expect(extent(pixels.map(({ y }) => y))).toBeLessThanOrEqual(26);
  const larger = inked({ scale: 48 });
  expect(larger.length / pixels.length).toBeGreaterThan(3.5);
  expect(larger.length / pixels.length).toBeLessThan(4.5);
});

test('a quarter turn (t = 1) turns clockwise: what was up points right', () => {
  const upright = inked({});
  const turned = inked({ rotation: 1 });
  const expected = new Set(upright.map(({ x, y }) => `${63 - y},${x}`));
  const same = turned.filter(({ x, y }) => expected.has(`${x},${y}`)).length;
  expect(same / upright.length).toBeGreaterThan(0.98);
});

test('a digit over the border is clipped, not wrapped around', () => {
  const pixels = inked({ x: 0, y: 63 });
  expect(pixels.length).toBeGreaterThan(0);
  expect(Math.max(...pixels.map(({ x }) => x))).toBeLessThan(20);
  expect(Math.min(...pixels.map(({ y }) => y))).toBeGreaterThan(43);
});

test('later digits cover earlier ones, and channels are clamped to 0 … 255', () => {
  const place = { digit: 1, labelled: false, glyph: one, x: 32, y: 32, scale: 30, rotation: 0 } as const;
  const pixels = new Uint8Array(64 * 64 * 3);
  const back: Placement = { ...place, ink: 'white', color: [255, 255, 255] };
  const front: Placement = { ...place, ink: 'red', color: [300, -40, 0] };
  renderScene([back, front], glyphs, 0, new RandomStream(1), pixels);
  const middle = (32 * 64 + 32) * 3;
  expect([...pixels.subarray(middle, middle + 3)]).toEqual([255, 0, 0]);
});
