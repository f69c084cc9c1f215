import { cprflConfigSchema, presets } from '@ltml/cprfl';
import { describe, expect, it } from 'vitest';

describe('cprflConfigSchema', () => {
  it("has the published configuration as its default, of the paper's size", () => {
    const { width, pi, vsi } = cprflConfigSchema.parse({});
    expect({ width, pi, vsi }).toEqual({
      width: 2048,
      pi: { expansion: 0.5, linear: false },
      vsi: {
        depth: 1,
        heads: 8,
        headWidth: 512,
        hiddenWidth: 2048,
        dropout: 0.1,
        norm: 'pre',
        outputProjection: 'linear',
        scale: 'head',
        residual: false,
      },
    });
  });

  it.each([
    [{ widht: 3 }, /widht/],
    [{ loss: 'hinge' }, /asymmetric.*db-focal\/voc/s],
    [{ width: 4, pi: { expansion: 0.2 } }, /hidden layer without units/],
    [{ vsi: { residual: true, outputProjection: 'none' } }, /needs an output projection/],
    [{ stopClassifierGradient: true, stopFeatureGradient: true }, /nothing to learn/],
    [{ epochs: 81 }, /at most schedule.epochs/],
    [{ optimizer: { decay: 'coupled' } }, /decay/],
    [{ freeze: { parameters: '(' } }, /regular expression/],
    [{ vsi: { dropout: 1 } }, /dropout/],
  ])('refuses %j', (value, message) => {
    expect(() => cprflConfigSchema.parse(value)).toThrow(message);
  });
});

it('lets training be longer than 80 epochs where there is no cycle', () => {
  expect(cprflConfigSchema.parse({ epochs: 100, schedule: { name: 'constant' } })).toMatchObject({ epochs: 100 });
});

describe('presets', () => {
  it('names the rows of both data sets', () => {
    const rows = Object.keys(presets).map((name) => name.split('/')[1] ?? '');
    expect(rows.filter((row) => row === '')).toHaveLength(2);
    expect(new Set(rows).size * 2).toBe(rows.length);
  });

  it('tells learning rates and constants of the losses by data set', () => {
    expect(presets['coco-lt'].optimizer.learningRate).toBe(1e-5);
    expect(presets['voc-lt/db-focal'].optimizer.learningRate).toBe(5e-5);
    expect(presets['voc-lt/db-focal'].loss).toBe('db-focal/voc');
    expect(presets['coco-lt/vsi'].pi.linear).toBe(true);
    expect(presets['coco-lt/baseline'].vsi).toBeNull();
  });

  it('survives a round through the schema', () => {
    for (const preset of Object.values(presets)) expect(cprflConfigSchema.parse(preset)).toEqual(preset);
  });
});
