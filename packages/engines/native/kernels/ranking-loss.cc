// The pairwise ranking loss: Σ max(0, margin + x_n − x_p) over the pairs of a positive p and a negative n of an image, divided
// by the number of pairs that violate the margin if averaged. Only the few positives are sorted.
#include <algorithm>
#include <vector>

#include "loss-op.h"

namespace {

double compute(const LossCall& call) {
  const Matrix &logits = call.inputs[0], &labels = call.inputs[1], &known = call.inputs[2];
  const float margin = call.attributes[0];
  const bool averaged = call.attributes[1] != 0.f;
  std::vector<int64_t> positives;
  std::vector<float> scores;
  // How many negatives reach exactly the first k positives.
  std::vector<int64_t> reaching;
  double sum = 0;
  for (int64_t b = 0; b < call.B; b++) {
    const float* x = logits.values + b * call.C;
    const float* y = labels.values + b * call.C;
    float* gradient = call.gradient + b * call.C;
    const auto is_known = [&](int64_t c) { return known.values[b * known.row + c * known.column] != 0.f; };
    positives.clear();
    for (int64_t c = 0; c < call.C; c++) {
      if (y[c] > 0.f && is_known(c)) positives.push_back(c);
    }
    // NaN last, since a sort must have an order.
    std::sort(positives.begin(), positives.end(),
              [x](int64_t i, int64_t j) { return x[i] < x[j] || (x[i] == x[i] && x[j] != x[j]); });
    scores.clear();
    for (const int64_t c : positives) scores.push_back(x[c]);
    reaching.assign(positives.size() + 1, 0);
    int64_t violations = 0;
    double hinges = 0;
    for (int64_t c = 0; c < call.C; c++) {
      gradient[c] = 0.f;
      if (y[c] > 0.f || !is_known(c)) continue;
      const float key = x[c] + margin;
      const int64_t reached = std::upper_bound(scores.begin(), scores.end(), key) - scores.begin();
      const bool touches = reached > 0 && scores[reached - 1] == key;
      violations += touches ? std::lower_bound(scores.begin(), scores.end(), key) - scores.begin() : reached;
      reaching[reached]++;
      hinges += static_cast<double>(reached) * key;
      gradient[c] = static_cast<float>(reached);
    }
    int64_t above = 0;
    for (int64_t rank = static_cast<int64_t>(positives.size()) - 1; rank >= 0; rank--) {
      above += reaching[rank + 1];
      hinges -= static_cast<double>(above) * scores[rank];
      gradient[positives[rank]] = -static_cast<float>(above);
    }
    const double share = !averaged ? 1.0 : violations > 0 ? 1.0 / violations : 0.0;
    sum += share * hinges;
    for (int64_t c = 0; c < call.C; c++) gradient[c] *= static_cast<float>(call.scale * share);
  }
  return sum;
}

}  // namespace

extern const LossOp kRankingLoss = {
    "LtmlRankingLoss",
    {"logits: float", "labels: float", "known: float"},
    {"margin: float", "averaged: float"},
    compute,
};
