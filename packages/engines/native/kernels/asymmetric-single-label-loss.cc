// The asymmetric loss over a softmax: −Σ_j T_j·f_j·log p_j, T = y·(1 − smoothing) + smoothing/C, f = (1 − p)^γ₊ where
// y > 0, else p^γ₋. Its gradient is a − p·Σ_j a_j with a = T·f·(bend·log p − 1), bend = γ₊·p/(1 − p) where y > 0,
// else −γ₋.
#include <algorithm>
#include <cmath>

#include "loss-op.h"
#include "vector-math.h"

namespace {

struct Terms {
  float gamma_positive;
  float gamma_negative;
  float smoothing;
};

constexpr int kBlock = 256;
constexpr int kLanes = 32;

// One row: writes the gradient and returns the value.
INLINE float compute_row(const float* __restrict x, const float* __restrict y, int64_t C, const Terms& terms,
                         float scale, float* __restrict gradient) {
  // In lanes, so that there is no order to keep.
  float lanes[kLanes];
  std::fill(lanes, lanes + kLanes, x[0]);
  const int64_t whole = C - C % kLanes;
  for (int64_t c = 0; c < whole; c += kLanes) {
    for (int i = 0; i < kLanes; i++) lanes[i] = x[c + i] > lanes[i] ? x[c + i] : lanes[i];
  }
  for (int64_t c = whole; c < C; c++) lanes[0] = x[c] > lanes[0] ? x[c] : lanes[0];
  const float largest = *std::max_element(lanes, lanes + kLanes);

  std::fill(lanes, lanes + kLanes, 0.f);
  for (int64_t c = 0; c < whole; c += kLanes) {
    for (int i = 0; i < kLanes; i++) lanes[i] += exp_of_minus(largest - x[c + i]);
  }
  for (int64_t c = whole; c < C; c++) lanes[0] += exp_of_minus(largest - x[c]);
  const float total = largest + std::log(sum_of(lanes, kLanes));

  double value = 0, sum = 0;
  for (int64_t at = 0; at < C; at += kBlock) {
    const int count = static_cast<int>(std::min<int64_t>(C - at, kBlock));
    float log[kBlock], p[kBlock], base[kBlock], factor[kBlock], terms_of_value[kBlock] = {}, a[kBlock] = {};
    for (int i = 0; i < count; i++) {
      log[i] = x[at + i] - total;
      p[i] = exp_of_minus(total - x[at + i]);
      base[i] = y[at + i] > 0.f ? 1.f - p[i] : p[i];
    }
    power(base, y + at, terms.gamma_positive, terms.gamma_negative, count, factor);
    for (int i = 0; i < count; i++) {
      const float q = 1.f - p[i];
      const float target = y[at + i] * (1.f - terms.smoothing) + terms.smoothing / C;
      // log p over 1 − p tends to −1 as that does to 0.
      const float odds = p[i] / (q > 1e-30f ? q : 1e-30f);
      const float bend = y[at + i] > 0.f ? terms.gamma_positive * odds : -terms.gamma_negative;
      terms_of_value[i] = -target * factor[i] * log[i];
      a[i] = target * factor[i] * (bend * log[i] - 1.f);
      gradient[at + i] = a[i];
    }
    value += sum_of(terms_of_value, kBlock);
    sum += sum_of(a, kBlock);
  }
  const float all = static_cast<float>(sum);
  for (int64_t c = 0; c < C; c++) gradient[c] = scale * (gradient[c] - exp_of_minus(total - x[c]) * all);
  return static_cast<float>(value);
}

double compute(const LossCall& call) {
  const Terms terms = {call.attributes[0], call.attributes[1], call.attributes[2]};
  double sum = 0;
  for (int64_t b = 0; b < call.B; b++) {
    const int64_t at = b * call.C;
    sum += compute_row(call.inputs[0].values + at, call.inputs[1].values + at, call.C, terms, call.scale,
                       call.gradient + at);
  }
  return sum;
}

}  // namespace

extern const LossOp kAsymmetricSingleLabelLoss = {
    "LtmlAsymmetricSingleLabelLoss",
    {"logits: float", "labels: float"},
    {"gamma_positive: float", "gamma_negative: float", "smoothing: float"},
    compute,
};
