import type { BottleneckShape } from '@ltml/backbone';

export interface VitSizes {
  readonly patchSize: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
}

export interface TextSizes {
  readonly vocabularySize: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly embedding: number;
}

/** Python that defines `trunk()`, from images to a feature map, as in torchvision. */
export function torchTrunk({ stem, planes, blocks }: BottleneckShape): string {
  return `
nn = torch.nn
class Bottleneck(nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, planes, 1, bias=False), nn.BatchNorm2d(planes), nn.ReLU(inplace=True),
            nn.Conv2d(planes, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes), nn.ReLU(inplace=True),
            nn.Conv2d(planes, 4 * planes, 1, bias=False), nn.BatchNorm2d(4 * planes))
        self.shortcut = nn.Identity() if stride == 1 and inputs == 4 * planes else nn.Sequential(
            nn.Conv2d(inputs, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes))
    def forward(self, x):
        return torch.relu_(self.body(x) + self.shortcut(x))
def trunk():
    layers = [nn.Sequential(nn.Conv2d(3, ${stem}, 7, 2, 3, bias=False), nn.BatchNorm2d(${stem}), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))]
    inputs = ${stem}
    for stage, (planes, blocks) in enumerate(zip(${JSON.stringify(planes)}, ${JSON.stringify(blocks)})):
        layer = []
        for block in range(blocks):
            layer.append(Bottleneck(inputs, planes, 2 if block == 0 and stage > 0 else 1))
            inputs = 4 * planes
        layers.append(nn.Sequential(*layer))
    return nn.Sequential(*layers)
`;
}

/**
 * Python that defines the class `Vit`, from images to tokens. It uses PyTorch's own encoder, which has a fused path.
 */
export function torchVit(image: number, { patchSize, width, depth, heads }: VitSizes): string {
  return `
nn = torch.nn
class Vit(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, ${width}, ${patchSize}, ${patchSize})
        self.token = nn.Parameter(torch.zeros(1, 1, ${width}))
        self.positions = nn.Parameter(torch.zeros(1, 1 + ${image / patchSize} ** 2, ${width}))
        layer = nn.TransformerEncoderLayer(${width}, ${heads}, ${4 * width}, 0.0, 'gelu', 1e-6, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, ${depth}, nn.LayerNorm(${width}, 1e-6), enable_nested_tensor=False)
    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
        return self.blocks(x)
`;
}

/** Python that defines the class `Text`, from token ids to embeddings, like CLIP's text tower with its quick GELU. */
export function torchText({ vocabularySize, width, layers, heads, embedding }: TextSizes): string {
  return `
nn = torch.nn
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(${width}), nn.LayerNorm(${width})
        self.qkv, self.out = nn.Linear(${width}, ${3 * width}), nn.Linear(${width}, ${width})
        self.expand, self.contract = nn.Linear(${width}, ${4 * width}), nn.Linear(${4 * width}, ${width})
    def forward(self, x):
        B, L, _ = x.shape
        q, k, v = (t.reshape(B, L, ${heads}, -1).transpose(1, 2) for t in self.qkv(self.ln_1(x)).chunk(3, -1))
        o = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(o.transpose(1, 2).reshape(B, L, -1))
        h = self.expand(self.ln_2(x))
        return x + self.contract(h * torch.sigmoid(1.702 * h))
class Text(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(${vocabularySize}, ${width}), nn.Parameter(torch.zeros(77, ${width}))
        self.blocks, self.norm = nn.Sequential(*[Block() for _ in range(${layers})]), nn.LayerNorm(${width})
        self.projection = nn.Parameter(torch.randn(${width}, ${embedding}) * ${width} ** -0.5)
    def forward(self, ids):
        x = self.norm(self.blocks(self.tokens(ids) + self.positions[: ids.shape[1]]))
        return x[torch.arange(len(ids)), ids.argmax(1)] @ self.projection
`;
}

/** Python that tries both memory formats with `prepare(format)` and keeps the faster one. */
export const torchFaster = `
import time
def faster(prepare):
    best = None
    for format in (torch.contiguous_format, torch.channels_last):
        candidate = prepare(format)
        candidate()
        start = time.perf_counter()
        candidate()
        seconds = time.perf_counter() - start
        if best is None or seconds < best[0]:
            best = (seconds, candidate)
    return best[1]
`;
