/**
 * A row's Python source on another device: its tensors and modules are made there, and a run waits for the card, since
 * PyTorch computes ahead of its caller.
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
