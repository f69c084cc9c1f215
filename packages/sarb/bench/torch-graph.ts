import { type MapSizes, wordFeatures } from './map-step.ts';

/**
 * Python of what the steps of this package share: a class `Graph`, which gives features by class and classifies them by a
 * graph network, the loss of known labels, the contrastive loss of SARB, and what the network is made with.
 *
 * As one would write it in PyTorch: W3 and w4 as one vector, no product of maps and classes but the tanh, the gates of the graph
 * network fused.
 */
export function torchGraph({ images, side, channels, classes, features, innerFeatures }: MapSizes): string {
  return `
nn, F = torch.nn, torch.nn.functional
torch.manual_seed(1)
B, L, C, D = ${images}, ${side * side}, ${classes}, ${features}
class Graph(nn.Module):
    def __init__(self):
        super().__init__()
        self.reduce, self.norm = nn.Linear(${channels}, D, bias=False), nn.BatchNorm1d(D)
        self.fc1, self.fc2 = nn.Linear(D, ${innerFeatures}, bias=False), nn.Linear(${wordFeatures}, ${innerFeatures}, bias=False)
        self.fc3, self.fc4 = nn.Linear(${innerFeatures}, ${innerFeatures}), nn.Linear(${innerFeatures}, 1)
        self.neighbours, self.nodes, self.candidate = nn.Linear(2 * D, 3 * D), nn.Linear(D, 2 * D), nn.Linear(D, D)
        self.out = nn.Linear(2 * D, D)
        self.weight, self.bias = nn.Parameter(torch.randn(C, D) / D ** 0.5), nn.Parameter(torch.zeros(C))
    def features(self, x):
        m = self.norm(self.reduce(x).view(-1, D)).view(B, L, D)
        scores = torch.tanh(self.fc1(m).unsqueeze(2) * self.fc2(words)) @ (self.fc3.weight.T @ self.fc4.weight[0])
        return torch.softmax(scores, 1).transpose(1, 2) @ m
    def classify(self, f):
        h = f
        for _ in range(3):
            z, r, g = self.neighbours(torch.cat([adjacency @ h, adjacency.T @ h], 2)).chunk(3, 2)
            uz, ur = self.nodes(h).chunk(2, 2)
            g = torch.tanh(g + self.candidate(torch.sigmoid(r + ur) * h))
            h = h + torch.sigmoid(z + uz) * (g - h)
        return (torch.tanh(self.out(torch.cat([h, f], 2))) * self.weight).sum(2) + self.bias
def bce(s, y, k):
    return (F.binary_cross_entropy_with_logits(s, y, reduction='none') * k).sum() / k.sum().clamp(min=1)
def negatives(terms, P):
    if P == 0: return terms
    chosen = terms[torch.randperm(len(terms))[:2 * P]]
    return torch.cat([chosen, terms.topk(min(P, len(terms))).values])
rows, columns = torch.triu_indices(B, B, 1)
def contrastive(f, y, k):
    unit = F.normalize(f, dim=2).transpose(0, 1)
    cosine = (unit @ unit.transpose(1, 2))[:, rows, columns].T
    label = k * (2 * y - 1)
    a, b = label[rows], label[columns]
    positive = 1 - cosine[(a == 1) & (b == 1)]
    P = len(positive)
    terms = torch.cat([positive, negatives(1 + cosine[(a == -1) & (b == -1)], P), negatives(1 + cosine[a * b == -1], P)])
    return terms.mean()
words = torch.randn(C, ${wordFeatures})
adjacency = torch.eye(C) + 0.05 * torch.rand(C, C)
`;
}
