import { dirname, join, parse } from 'node:path';
import { expect, it } from 'vitest';
import { MapNames } from '../src/run/map-names.ts';

it('names a map by picture and class', () => {
  expect(new MapNames('maps').next(join('photos', 'scene.jpg'), 'red three')).toBe(join('maps', 'scene.red-three.png'));
});

it('gives no name twice: equal pictures of two folders, classes that differ by punctuation or capitals', () => {
  const names = new MapNames('maps');
  const paths = [
    names.next('a/x.png', 'red three'),
    names.next('b/x.jpg', 'red three'),
    names.next('a/x.png', 'red-three'),
    names.next('a/x.png', 'Red three'),
    names.next('a/x.png', 'red three-2'),
    names.next('a/x.png', '?'),
    names.next('a/x.png', '!'),
  ];
  expect(paths.slice(0, 2)).toEqual([join('maps', 'x.red-three.png'), join('maps', 'x.red-three-2.png')]);
  expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(paths.length);
});

it.each(['x', 'ü', '三', '🙂'])('keeps names of many %s within 255 bytes, in the folder', (letter) => {
  const names = new MapNames('maps');
  const long = letter.repeat(1000);
  for (const path of [
    names.next(`${long}.png`, long),
    names.next(`${long}.png`, `${long}!`),
    names.next('x', '../../y'),
  ]) {
    expect(dirname(path)).toBe('maps');
    expect(Buffer.byteLength(parse(path).base)).toBeLessThanOrEqual(255);
    expect(Buffer.from(path).toString()).toBe(path);
  }
});
