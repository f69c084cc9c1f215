/** Python of the ranking loss, which takes the pairs of one image after the other, [P, N]. */
export const torchRanking = `def ranking(x, y):
    total = 0
    for s, l in zip(x, y):
        hinges = torch.relu(1 + s[l == 0][None, :] - s[l == 1][:, None])
        total = total + hinges.sum() / ((hinges > 0).sum() + 1e-8)
    return total / len(x)`;
