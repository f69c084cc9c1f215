/**
 * The Python source of a row, changed to run on another device. Tensors and modules are created there. A run waits for
 * the GPU, because PyTorch computes asynchronously.
 */
export function onDevice(torch: string, device: 'cuda'): string {
  return `
torch.set_default_device("${device}")
${torch}
_work = run
def run():
    _work()
    torch.${device}.synchronize()
`;
}
