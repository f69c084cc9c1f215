// The Hill loss: with r = σ(m − x), r^γ·softplus(m − x) where y > 0; with p = σ(x), (λ − p)·p² elsewhere.
#include <algorithm>

#include "loss-op.h"
#include "vector-math.h"

namespace {

struct Terms {
  float lambda;
  float margin;
  float gamma;
};

// Entries that are worked on together: what lies between the loops over them stays in the nearest cache.
constexpr int kBlock = 256;

// Up to kBlock entries. Adds up the values; the gradients go to `gradient`. Only `masked` reads `known`.
template <bool masked>
INLINE float compute_block(const float* __restrict x, const float* __restrict y, const float* __restrict known,
                           int count, const Terms& terms, float scale, float* __restrict gradient) {
  float value[kBlock], r[kBlock], focus[kBlock];
  for (int i = 0; i < count; i++) {
    const float u = y[i] > 0.f ? terms.margin - x[i] : x[i];
    const float e = exp_of_minus(magnitude(u));
    const float share = 1.f / (1.f + e);
    r[i] = u >= 0.f ? share : e * share;
    // 1 − r, with its digits.
    gradient[i] = u >= 0.f ? e * share : share;
    value[i] = (u >= 0.f ? u : 0.f) + log_of_one_plus(e);
  }
  power(r, y, terms.gamma, 2.f, count, focus);
  for (int i = 0; i < count; i++) {
    const float entropy = value[i], rest = gradient[i];
    const float hill = focus[i] * (terms.lambda - r[i]);
    const float slope = focus[i] * (2.f * terms.lambda - 3.f * r[i]) * rest;
    const float derivative = y[i] > 0.f ? -focus[i] * (r[i] + terms.gamma * rest * entropy) : slope;
    value[i] = where_known<masked>(known, i, y[i] > 0.f ? focus[i] * entropy : hill);
    gradient[i] = where_known<masked>(known, i, scale * derivative);
  }
  std::fill(value + count, value + kBlock, 0.f);
  return sum_of(value, kBlock);
}

template <bool masked>
INLINE double compute_rows(const LossCall& call) {
  const Matrix &logits = call.inputs[0], &labels = call.inputs[1], &known = call.inputs[2];
  const Terms terms = {call.attributes[0], call.attributes[1], call.attributes[2]};
  double sum = 0;
  for (int64_t b = 0; b < call.B; b++) {
    for (int64_t c = 0; c < call.C; c += kBlock) {
      const int count = static_cast<int>(std::min<int64_t>(call.C - c, kBlock));
      const int64_t at = b * call.C + c;
      sum += compute_block<masked>(logits.values + at, labels.values + at,
                                   known.values + b * known.row + c * known.column, count, terms, call.scale,
                                   call.gradient + at);
    }
  }
  return sum;
}

double compute(const LossCall& call) {
  return all_known(call.inputs[2]) ? compute_rows<false>(call) : compute_rows<true>(call);
}

}  // namespace

extern const LossOp kHillLoss = {
    "LtmlHillLoss",
    {"logits: float", "labels: float", "known: float"},
    {"lambda: float", "margin: float", "gamma: float"},
    compute,
};
