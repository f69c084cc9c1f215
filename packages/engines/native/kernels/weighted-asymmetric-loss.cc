// The asymmetric loss with weights and exponents of each entry: −w·t^γ·log max(s, ε), t = 1 − s; s is k·σ(x) with γ₊ where
// y > 0, else k·min(σ(−x) + clip, 1) with the entry's γ, at most 1. An entry whose weight is 0 adds nothing, whatever its
// logit. The derivative is s'·w·t^γ·(γ·log(s)/t − 1/s), the first term if the factor is differentiated.
#include <algorithm>

#include "loss-op.h"
#include "vector-math.h"

namespace {

struct Terms {
  float gamma_positive;
  float clip;
  float epsilon;
  float factor_gradient;
};

// Entries that are worked on together: what lies between the loops over them stays in the nearest cache.
constexpr int kBlock = 256;

// Up to kBlock entries. Adds up the values; the gradients go to `gradient`.
INLINE float compute_block(const float* __restrict x, const float* __restrict y, const float* __restrict weight,
                           float* __restrict exponent, const float* __restrict share, int count,
                           const Terms& terms, float scale, float* __restrict gradient) {
  float value[kBlock], log[kBlock], t[kBlock], slope[kBlock];
  for (int i = 0; i < count; i++) {
    const float e = exp_of_minus(magnitude(x[i]));
    const float inverse = 1.f / (1.f + e);
    const float p = x[i] >= 0.f ? inverse : e * inverse;
    const float q = x[i] >= 0.f ? e * inverse : inverse;
    const float lifted = q + terms.clip;
    const float chosen = share[i] * (y[i] > 0.f ? p : (lifted < 1.f ? lifted : 1.f));
    const float s = chosen < 1.f ? chosen : 1.f;
    const float floored = s > terms.epsilon ? s : terms.epsilon;
    log[i] = log_of(floored);
    t[i] = 1.f - s;
    const float inside = lifted <= 1.f && chosen <= 1.f ? -1.f : 0.f;
    slope[i] = (y[i] > 0.f ? 1.f : inside) * share[i] * p * q;
    gradient[i] = s >= terms.epsilon ? 1.f / floored : 0.f;
    // NaN is lost in the comparisons.
    log[i] = x[i] == x[i] ? log[i] : x[i];
  }
  float factor[kBlock];
  for (int i = 0; i < count; i++) {
    exponent[i] = y[i] > 0.f ? terms.gamma_positive : exponent[i];
    factor[i] = weight[i] * general_power(t[i], exponent[i]);
  }
  for (int i = 0; i < count; i++) {
    // At t = 0 the factor in front is 0, too: only the 0/0 is to be kept out.
    const float through_factor = terms.factor_gradient * exponent[i] * log[i] / (t[i] > 1e-30f ? t[i] : 1e-30f);
    // A weight of 0 leaves an entry out.
    gradient[i] = where_known<true>(weight, i, scale * factor[i] * slope[i] * (through_factor - gradient[i]));
    value[i] = where_known<true>(weight, i, -factor[i] * log[i]);
  }
  std::fill(value + count, value + kBlock, 0.f);
  return sum_of(value, kBlock);
}

double compute(const LossCall& call) {
  const Matrix &logits = call.inputs[0], &labels = call.inputs[1], &weights = call.inputs[2];
  const Matrix &exponents = call.inputs[3], &shares = call.inputs[4];
  const Terms terms = {call.attributes[0], call.attributes[1], call.attributes[2], call.attributes[3]};
  float factors[kBlock], powers[kBlock], parts[kBlock];
  double sum = 0;
  for (int64_t b = 0; b < call.B; b++) {
    for (int64_t c = 0; c < call.C; c += kBlock) {
      const int count = static_cast<int>(std::min<int64_t>(call.C - c, kBlock));
      const int64_t at = b * call.C + c;
      spread(factors, weights.values + b * weights.row + c * weights.column, weights.column, count);
      spread(powers, exponents.values + b * exponents.row + c * exponents.column, exponents.column, count);
      spread(parts, shares.values + b * shares.row + c * shares.column, shares.column, count);
      sum += compute_block(logits.values + at, labels.values + at, factors, powers, parts, count, terms, call.scale,
                           call.gradient + at);
    }
  }
  return sum;
}

}  // namespace

extern const LossOp kWeightedAsymmetricLoss = {
    "LtmlWeightedAsymmetricLoss",
    {"logits: float", "labels: float", "weights: float", "exponents: float", "share: float"},
    {"gamma_positive: float", "clip: float", "epsilon: float", "factor_gradient: float"},
    compute,
};
