import { semanticTransfer, transferConfigSchema } from '@ltml/sarb';
import { RandomStreams } from '@ltml/tensor';
import type { PreparedRow, SpeedRow } from '../../tensor/bench/row.ts';
import { coco, type MapSizes, mapTask, prepareMapStep } from './map-step.ts';
import { torchGraph } from './torch-graph.ts';

/** Sizes of the network and its batch. */
export interface TransferSizes extends MapSizes {
  readonly pairFeatures: number;
  readonly hiddenFeatures: number;
  /** K, features kept of each class. */
  readonly queue: number;
}

/** A training step of SST on COCO with pseudo-labels and Adam, on feature maps: run eagerly and compiled. */
export const transferRows: readonly SpeedRow[] = createTransferRows({
  ...coco,
  pairFeatures: 512,
  hiddenFeatures: 1024,
  queue: 100,
});

export function createTransferRows(sizes: TransferSizes): SpeedRow[] {
  const { images, side, channels, classes } = sizes;
  const name = `SST step, [${images}, ${side}, ${side}, ${channels}], ${classes} classes`;
  const torch = torchStep(sizes);
  return [
    { name, torch, prepare: () => prepareStep(sizes, false) },
    { name: `${name}, compiled`, torch, prepare: () => prepareStep(sizes, true) },
  ];
}

function prepareStep(sizes: TransferSizes, compiled: boolean): PreparedRow {
  const { side, channels, features, innerFeatures, pairFeatures, hiddenFeatures, queue } = sizes;
  const config = transferConfigSchema.parse({
    features,
    attention: { name: 'decoupling', innerFeatures },
    intra: { pairFeatures, hiddenFeatures },
    inter: { references: { name: 'queue', size: queue } },
  });
  const task = mapTask(sizes, [side, side, channels]);
  const parts = { features: channels, classEmbeddings: task.words };
  return prepareMapStep(semanticTransfer.create(task.task, parts, config, new RandomStreams(1)), task, compiled);
}

/**
 * The same step in PyTorch, with the shortcuts that we use. As for SARB, and in addition:
 *
 * - each half of the first layer over pairs is applied once per class, not once per pair;
 * - the last layer is merged into the weights of the pairs;
 * - one cosine with the mean direction replaces the cosines with all stored features.
 */
function torchStep(sizes: TransferSizes): string {
  const { channels, pairFeatures, hiddenFeatures, queue } = sizes;
  return `${torchGraph(sizes)}
d, H, K = ${[pairFeatures, hiddenFeatures, queue].join(', ')}
first, second = torch.triu_indices(C, C, 1)
P = len(first)
class Transfer(Graph):
    def __init__(self):
        super().__init__()
        self.pair1, self.pair2, self.pair3 = nn.Linear(D, d), nn.Linear(2 * d, H), nn.Linear(H, H)
        self.pairs, self.pair_bias = nn.Parameter(torch.randn(P, H) / H ** 0.5), nn.Parameter(torch.zeros(P))
    def occurs(self, f):
        g = self.pair1(f.transpose(0, 1))
        of_first, of_second = self.pair2.weight.chunk(2, 1)
        u, v = g @ of_first.T + self.pair2.bias, g @ of_second.T
        hidden = torch.relu(u[first] + v[second])
        scores = torch.bmm(hidden, (self.pairs @ self.pair3.weight).unsqueeze(2)).squeeze(2)
        return scores.T + self.pairs @ self.pair3.bias + self.pair_bias
def asymmetric(s, y, k):
    p = torch.sigmoid(s)
    q = (1 - p + 0.05).clamp(max=1)
    base = y * torch.log(p.clamp(min=1e-8)) + (1 - y) * torch.log(q.clamp(min=1e-8))
    with torch.no_grad():
        factor = (1 - p * y - q * (1 - y)) ** (2 - y)
    return -(base * factor * k).sum() / k.sum().clamp(min=1)
queue, head = torch.randn(C, K, D), torch.zeros(C, dtype=torch.long)
x = torch.randn(B, L, ${channels})
y, known = (torch.rand(B, C) < 0.04).float(), (torch.rand(B, C) < 0.5).float()
model = Transfer()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-5, weight_decay=5e-4, fused=True)
place = torch.full((C, C), P)
place[first, second] = place[second, first] = torch.arange(P)
def run():
    optimizer.zero_grad()
    f = model.features(x)
    s = model.classify(f)
    pairs = model.occurs(f)
    loss = bce(s, y, known)
    loss = loss + 10 * asymmetric(pairs, (y * known)[:, first] * (y * known)[:, second], known[:, first] * known[:, second])
    with torch.no_grad():
        shown = y * known
        matrix = torch.cat([torch.sigmoid(pairs), torch.zeros(B, 1)], 1)[:, place]
        together = torch.bmm(shown.unsqueeze(1), matrix).squeeze(1) / (shown.sum(1, keepdim=True) - shown).clamp(min=1)
        alike = (F.normalize(f, dim=2) * F.normalize(queue, dim=2).mean(1)).sum(2)
        intra, inter = ((score > 0.95).float() * (1 - known) for score in (together, alike))
    loss = loss + bce(s, intra, intra) + bce(s, inter, inter) + 0.05 * contrastive(f, y, known)
    with torch.no_grad():
        for b, c in shown.nonzero().tolist():
            queue[c, head[c] % K] = f[b, c]
            head[c] += 1
    loss.backward()
    optimizer.step()
    return loss.item()
`;
}
