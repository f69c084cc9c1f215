"""Writes files of random weights, as torchvision, timm, transformers and open_clip write them, with what each network makes of
an image: FOLDER/<name>/model.safetensors (and config.json), FOLDER/images.safetensors."""

import sys
from pathlib import Path

import timm
import torch
import torchvision
import transformers
from open_clip.model import CLIP
from safetensors.torch import save_file
from timm.models.deit import VisionTransformerDistilled
from timm.models.vision_transformer import VisionTransformer

torch.manual_seed(1)
folder = Path(sys.argv[1])
image = torch.randn(2, 3, 32, 32)
results = {"image": image}


def write(name, model, features, state=None):
    model.eval()
    with torch.no_grad():
        # Norms and tables that start at 0 or 1 would hide that they are mixed up.
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
        results[name] = features(model).contiguous()
    path = folder / name
    path.mkdir()
    if hasattr(model, "save_pretrained"):
        model.save_pretrained(path)
        return
    tensors = state(model) if state else model.state_dict()
    save_file({n: t.contiguous().clone() for n, t in tensors.items()}, path / "model.safetensors")


trunk = torch.nn.Sequential
pooled = lambda m: trunk(*list(m.children())[:-1])(image).flatten(1)
write("torchvision-resnet18", torchvision.models.resnet18(), pooled)
Bottleneck = torchvision.models.resnet.Bottleneck
write("torchvision-resnet26", torchvision.models.ResNet(Bottleneck, [2, 2, 2, 2]), pooled)
write("torchvision-resnext14", torchvision.models.ResNet(Bottleneck, [1, 1, 1, 1], groups=32, width_per_group=4), pooled)
lightning = lambda m: {f"model.{n}": t for n, t in m.state_dict().items()}
write("lightning-resnet18", torchvision.models.resnet18(), pooled, lightning)
compiled = lambda m: torch.compile(m).state_dict()
write("compiled-resnet18d", timm.create_model("resnet18d", num_classes=0), lambda m: m(image), compiled)

tv = torchvision.models.VisionTransformer(image_size=32, patch_size=8, num_layers=2, num_heads=2, hidden_dim=32, mlp_dim=128)
tv.heads = torch.nn.Identity()
write("torchvision-vit", tv, lambda m: m(image))
# timm from 1.0.20 on also says where the parameters are kept.
norm = lambda width, **where: torch.nn.LayerNorm(width, eps=1e-5, **where)
small = dict(img_size=32, patch_size=8, embed_dim=32, depth=2, num_heads=2, num_classes=0)
for name, options in {
    "timm-vit": dict(),
    "timm-gap": dict(class_token=False, global_pool="avg", fc_norm=False),
    "timm-dinov2": dict(init_values=0.1),
    "timm-registers": dict(init_values=0.1, reg_tokens=4, no_embed_class=True),
}.items():
    write(name, VisionTransformer(**small, **options), lambda m: m(image))
write("timm-vit-tiny", timm.create_model("vit_tiny_patch16_224", img_size=32, num_classes=0), lambda m: m(image))
clip_vit = VisionTransformer(**small | dict(num_classes=8), pre_norm=True, act_layer=timm.layers.QuickGELU, norm_layer=norm)
# In timm's files of CLIP it is 0, since CLIP has none.
del clip_vit.head.bias
clip_vit.head.register_buffer("bias", torch.zeros(8))
write("timm-clip", clip_vit, lambda m: m(image))
write("timm-distilled", VisionTransformerDistilled(**small), lambda m: m.forward_head(m.forward_features(image), pre_logits=True))

sizes = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128, image_size=32, patch_size=8)
first = lambda m: m(image).last_hidden_state[:, 0]
write("huggingface-vit", transformers.ViTModel(transformers.ViTConfig(**sizes)), first)
deit = transformers.DeiTModel(transformers.DeiTConfig(**sizes))
write("huggingface-deit", deit, lambda m: m(image).last_hidden_state[:, :2].mean(1))
write("huggingface-dinov2", transformers.Dinov2Model(transformers.Dinov2Config(**sizes, mlp_ratio=4)), first)
registers = transformers.Dinov2WithRegistersConfig(**sizes, mlp_ratio=4)
write("huggingface-registers", transformers.Dinov2WithRegistersModel(registers), first)
resnet = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[2, 1], layer_type="basic")
write("huggingface-resnet", transformers.ResNetModel(resnet), lambda m: m(image).pooler_output.flatten(1))
text = dict(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=128, vocab_size=50)
both = transformers.CLIPConfig(text_config=text, vision_config=sizes, projection_dim=8)
projected = lambda m: m.visual_projection(m.vision_model(image).pooler_output)
write("huggingface-clip", transformers.CLIPModel(both), projected)
clip = CLIP(8, dict(image_size=32, patch_size=8, width=64, layers=2), dict(context_length=8, vocab_size=50, width=64, heads=1, layers=1))
write("open_clip", clip, lambda m: m.encode_image(image))
(folder / "open_clip" / "open_clip_config.json").write_text(
    '{"model_cfg": {"embed_dim": 8, "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "patch_size": 8},'
    ' "text_cfg": {"context_length": 8, "vocab_size": 50, "width": 64, "heads": 1, "layers": 1}}}'
)
convnext = transformers.ConvNextModel(transformers.ConvNextConfig(hidden_sizes=[8] * 4, depths=[1] * 4))
write("convnext", convnext, lambda m: torch.zeros(1))
write("timm-convnext", timm.create_model("convnext_atto", num_classes=0), lambda m: torch.zeros(1))
swin = transformers.SwinConfig(embed_dim=8, depths=[1, 1], num_heads=[1, 1], image_size=28, patch_size=2, window_size=7)
write("swin", transformers.SwinModel(swin), lambda m: torch.zeros(1))
save_file(results, folder / "results.safetensors")
