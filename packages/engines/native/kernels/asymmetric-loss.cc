// The asymmetric loss −k·t^γ·log max(s, ε), with t = 1 − s; s is p = σ(x) where y > 0, else min(1 − p + clip, 1). Its
// derivative is s'·k·t^γ·(γ·log(s)/t − 1/s), the first term if the factor is differentiated.
#include <algorithm>

#include "loss-op.h"
#include "vector-math.h"

namespace {

struct Terms {
  float gamma_positive;
  float gamma_negative;
  float clip;
  float epsilon;
  float factor_gradient;
};

// Entries that are worked on together: what lies between the loops over them stays in the nearest cache.
constexpr int kBlock = 256;

// Up to kBlock entries. Adds up the values; the gradients go to `gradient`. Only `masked` reads `known`.
template <bool masked>
INLINE float compute_block(const float* __restrict x, const float* __restrict y, const float* __restrict known,
                           int count, const Terms& terms, float scale, float* __restrict gradient) {
  float value[kBlock], log[kBlock], t[kBlock], factor[kBlock], slope[kBlock];
  for (int i = 0; i < count; i++) {
    const float e = exp_of_minus(magnitude(x[i]));
    // Rounded one by one, as PyTorch rounds them: where 1 − p becomes 0 the clamps act.
    const float p = (x[i] >= 0.f ? 1.f : e) / (1.f + e);
    const float q = 1.f - p;
    const float lifted = q + terms.clip;
    const float s = y[i] > 0.f ? p : (lifted < 1.f ? lifted : 1.f);
    const float floored = s > terms.epsilon ? s : terms.epsilon;
    log[i] = log_of(floored);
    t[i] = 1.f - s;
    slope[i] = (y[i] > 0.f ? 1.f : lifted <= 1.f ? -1.f : 0.f) * p * q;
    gradient[i] = s >= terms.epsilon ? 1.f / floored : 0.f;
    // NaN is lost in the comparisons.
    log[i] = x[i] == x[i] ? log[i] : x[i];
  }
  power(t, y, terms.gamma_positive, terms.gamma_negative, count, factor);
  for (int i = 0; i < count; i++) {
    const float gamma = y[i] > 0.f ? terms.gamma_positive : terms.gamma_negative;
    // At t = 0 the factor in front is 0, too: only the 0/0 is to be kept out.
    const float through_factor = terms.factor_gradient * gamma * log[i] / (t[i] > 1e-30f ? t[i] : 1e-30f);
    gradient[i] = where_known<masked>(known, i, scale * factor[i] * slope[i] * (through_factor - gradient[i]));
    value[i] = where_known<masked>(known, i, -factor[i] * log[i]);
  }
  std::fill(value + count, value + kBlock, 0.f);
  return sum_of(value, kBlock);
}

template <bool masked>
INLINE double compute_rows(const LossCall& call) {
  const Matrix &logits = call.inputs[0], &labels = call.inputs[1], &known = call.inputs[2];
  const float* attributes = call.attributes;
  const Terms terms = {attributes[0], attributes[1], attributes[2], attributes[3], attributes[4]};
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

extern const LossOp kAsymmetricLoss = {
    "LtmlAsymmetricLoss",
    {"logits: float", "labels: float", "known: float"},
    {"gamma_positive: float", "gamma_negative: float", "clip: float", "epsilon: float", "factor_gradient: float"},
    compute,
};
