import { RandomStreams } from '@ltml/tensor';
import { describe, expect, it } from 'vitest';

const draw = (streams: RandomStreams, name: string) => Array.from({ length: 5 }, () => streams.stream(name).bits());

describe('RandomStreams.restore', () => {
  it('goes on where the states were saved', () => {
    const streams = new RandomStreams(3);
    draw(streams, 'dropout');
    const saved = streams.state();
    const expected = draw(streams, 'dropout');
    streams.restore(saved);
    expect(draw(streams, 'dropout')).toEqual(expected);
    const other = new RandomStreams(3);
    other.restore(saved);
    expect(draw(other, 'dropout')).toEqual(expected);
  });

  it('moves the streams that are held already, as a layer holds its own', () => {
    const streams = new RandomStreams(3);
    const held = streams.stream('dropout');
    const saved = streams.state();
    const expected = held.bits();
    streams.restore(saved);
    expect(held.bits()).toBe(expected);
    expect(streams.stream('dropout')).toBe(held);
  });

  it('starts a stream that is not named from the seed', () => {
    const streams = new RandomStreams(3);
    const first = draw(streams, 'mask');
    streams.restore({});
    expect(draw(streams, 'mask')).toEqual(first);
  });
});
