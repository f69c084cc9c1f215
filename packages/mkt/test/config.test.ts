import { mktConfigSchema, mktPresets } from '@ltml/mkt';
import { describe, expect, it } from 'vitest';

describe('presets', () => {
  it('are complete configurations, as published', () => {
    for (const preset of Object.values(mktPresets)) expect(mktConfigSchema.parse(preset)).toEqual(preset);
    const { paper, repo } = mktPresets;
    expect(paper).toMatchObject({
      topK: 18,
      localHead: 'mlp',
      distil: { optimizer: { weightDecay: 0.005 }, fixLayer: -1 },
    });
    expect(paper.prompt).toMatchObject({ epochs: 10, optimizer: { learningRate: 3e-5 }, tuneBoundaryTokens: false });
    expect(repo).toMatchObject({
      topK: 16,
      localHead: 'encoder',
      distil: { optimizer: { weightDecay: 0.05 }, fixLayer: 10 },
    });
    expect(repo.prompt).toMatchObject({
      epochs: 4,
      optimizer: { learningRate: 1e-3, weightDecay: 0.05 },
      tuneBoundaryTokens: true,
    });
    expect(mktPresets['paper-open-images']).toMatchObject({ distil: { epochs: 4 }, prompt: { epochs: 2 } });
  });

  it('have the paper as default', () => {
    expect(mktConfigSchema.parse({})).toEqual(mktPresets.paper);
  });
});

it('refuses what it does not know and what is out of range', () => {
  const bad = [
    { topk: 3 },
    { topK: 0 },
    { distil: { layerDecay: 0 } },
    { ranking: { pairs: 'mean' } },
    { prompt: { epochs: 1.5 } },
  ];
  for (const config of bad) expect(() => mktConfigSchema.parse(config)).toThrow();
});
