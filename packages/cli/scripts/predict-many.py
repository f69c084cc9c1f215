"""Scores pictures with PyTorch as `ltml predict` does: the peer of predict-many.ts, with the weights of its bundle."""
import json
import sys
import time

import numpy
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.models.resnet import BasicBlock
from torchvision.transforms import v2


def read_safetensors(path):
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            first, last = (8 + length + offset for offset in entry["data_offsets"])
            values = numpy.frombuffer(data[first:last], numpy.float32).reshape(entry["shape"])
            tensors[name] = torch.from_numpy(values.copy())
    return tensors


def layer(inner, outer, stride):
    shortcut = None
    if stride != 1 or inner != outer:
        shortcut = nn.Sequential(nn.Conv2d(inner, outer, 1, stride, bias=False), nn.BatchNorm2d(outer))
    return nn.Sequential(BasicBlock(inner, outer, stride, shortcut))


class Model(nn.Module):
    """resnet-tiny with a linear head."""

    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 24, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(24)
        self.layer1, self.layer2, self.layer3 = layer(24, 24, 1), layer(24, 48, 2), layer(48, 96, 2)
        self.head = nn.Linear(96, classes)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        return self.head(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


class Pictures(Dataset):
    def __init__(self, paths):
        self.paths = paths
        self.change = v2.Compose(
            [
                v2.Resize((64, 64), antialias=True),
                v2.ToImage(),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize([0.5] * 3, [0.25] * 3),
            ]
        )

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        return self.change(Image.open(self.paths[i]).convert("RGB"))


def main():
    job = json.load(sys.stdin)
    tensors = read_safetensors(job["weights"])
    state = {name.removeprefix("encoder.").removeprefix("learner."): values for name, values in tensors.items()}
    model = Model(len(state["head.bias"])).eval()
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
    start = time.perf_counter()
    loader = DataLoader(Pictures(job["paths"]), batch_size=job["batchSize"], num_workers=job["workers"])
    with torch.inference_mode():
        scores = [model(images) for images in loader]
    seconds = time.perf_counter() - start
    print(json.dumps({"rate": len(job["paths"]) / seconds, "scores": torch.cat(scores)[: job["shown"]].tolist()}))


if __name__ == "__main__":
    main()
