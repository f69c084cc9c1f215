// The regulariser of LADE: −Σ_c π_c·(a_c − s_c − λ·s_c²), a the mean logit of a class's own images and s the log-sum-exp of
// its logits over the batch plus a constant. Its gradient is −π·(y/m − (1 + 2λ·s)·softmax over the batch), m the class's
// number of images.
#include <algorithm>
#include <cmath>
#include <vector>

#include "loss-op.h"
#include "vector-math.h"

namespace {

double compute(const LossCall& call) {
  const int64_t B = call.B, C = call.C;
  const float lambda = call.attributes[0];
  const float* x = call.inputs[0].values;
  const float* y = call.inputs[1].values;
  const Matrix &shares = call.inputs[2], &constant = call.inputs[3];
  std::vector<float> largest(x, x + C), sums(C, 0.f), images(C, 1e-8f), own(C, 0.f);
  for (int64_t b = 0; b < B; b++) {
    const float* __restrict of_row = x + b * C;
    const float* __restrict labels = y + b * C;
    float* __restrict top = largest.data();
    float* __restrict count = images.data();
    float* __restrict total = own.data();
    for (int64_t c = 0; c < C; c++) {
      top[c] = of_row[c] > top[c] ? of_row[c] : top[c];
      count[c] += labels[c];
      total[c] += labels[c] * of_row[c];
    }
  }
  for (int64_t b = 0; b < B; b++) {
    const float* __restrict of_row = x + b * C;
    const float* __restrict top = largest.data();
    float* __restrict sum = sums.data();
    float* __restrict gradient = call.gradient + b * C;
    for (int64_t c = 0; c < C; c++) {
      gradient[c] = exp_of_minus(top[c] - of_row[c]);
      sum[c] += gradient[c];
    }
  }
  double value = 0;
  for (int64_t c = 0; c < C; c++) {
    const float share = shares.values[c * shares.column];
    const float s = largest[c] + std::log(sums[c]) + constant.values[c * constant.column];
    value += share * (s + lambda * s * s - own[c] / images[c]);
    sums[c] = call.scale * share * (1.f + 2.f * lambda * s) / sums[c];
    images[c] = call.scale * share / images[c];
  }
  for (int64_t b = 0; b < B; b++) {
    const float* __restrict labels = y + b * C;
    const float* __restrict steep = sums.data();
    const float* __restrict target = images.data();
    float* __restrict gradient = call.gradient + b * C;
    for (int64_t c = 0; c < C; c++) gradient[c] = steep[c] * gradient[c] - target[c] * labels[c];
  }
  return value;
}

}  // namespace

extern const LossOp kLadeRegularizer = {
    "LtmlLadeRegularizer",
    {"logits: float", "labels: float", "shares: float", "constant: float"},
    {"lambda: float"},
    compute,
};
