// The exact Gaussian error linear unit x·Φ(x), and its gradient, in one pass.
#include "layer-op.h"
#include "parallel.h"
#include "vector-math.h"

namespace {

struct Normal {
  float distribution;
  float density;
};

// Φ(x) and φ(x) to a few units in the last place, in the lower tail too.
INLINE Normal normal(float x) {
  // Beyond 20 nothing of a tail is left in float32, and ∞ − ∞ would be no number.
  const float z = magnitude(x) > 20.f ? 20.f : magnitude(x), square = z * z;
  // What the rounding of x² has taken away, since an error there is one of e^(−x²/2).
  const float rest = z * z - square;
  const float density = 0.398942280f * exp_of_minus(0.5f * square) * (1.f - 0.5f * rest);
  // Mills' ratio, by the fit of src/ops/normal-distribution.ts.
  const float t = 1.f / (1.f + 0.3f * z);
  float ratio = -0.05166899317f;
  ratio = ratio * t + 0.28168589788f;
  ratio = ratio * t - 0.57168424314f;
  ratio = ratio * t + 0.48022912953f;
  ratio = ratio * t - 0.19864782150f;
  ratio = ratio * t + 0.24078352729f;
  ratio = ratio * t + 0.19658299582f;
  ratio = ratio * t + 0.27629909347f;
  ratio = ratio * t + 0.29972464469f;
  ratio = ratio * t + 0.30000991213f;
  const float tail = density * t * ratio;
  // (Φ(x) − ½)/x for |x| < 1, through its values at six Chebyshev nodes.
  float series = -7.660538195e-6f;
  series = series * square + 1.135022963e-4f;
  series = series * square - 1.186343989e-3f;
  series = series * square + 9.973328481e-3f;
  series = series * square - 6.649036057e-2f;
  series = series * square + 3.989422801e-1f;
  const float distribution = x < 0.f ? tail : 1.f - tail;
  return {z < 1.f ? 0.5f + x * series : distribution, density};
}

void gelu(const float* __restrict x, int64_t count, float* __restrict y) {
  for (int64_t i = 0; i < count; i++) y[i] = x[i] * normal(x[i]).distribution;
}

void gelu_gradient(const float* __restrict dy, const float* __restrict x, int64_t count, float* __restrict dx) {
  for (int64_t i = 0; i < count; i++) {
    const auto [distribution, density] = normal(x[i]);
    dx[i] = dy[i] * (distribution + x[i] * density);
  }
}

constexpr double kNanoseconds = 1;

void compute_gelu(const LayerCall& call) {
  const Operand &x = call.inputs[0], &y = call.outputs[0];
  in_parallel(x.size, threads_for(x.size, kNanoseconds),
              [&](int64_t begin, int64_t end, int) { gelu(x.values + begin, end - begin, y.values + begin); });
}

void compute_gradient(const LayerCall& call) {
  const Operand &dy = call.inputs[0], &x = call.inputs[1], &dx = call.outputs[0];
  in_parallel(x.size, threads_for(x.size, kNanoseconds), [&](int64_t begin, int64_t end, int) {
    gelu_gradient(dy.values + begin, x.values + begin, end - begin, dx.values + begin);
  });
}

}  // namespace

extern const LayerOp kGelu = {"LtmlGelu", {"x: float"}, {{"y: float"}}, {}, compute_gelu};

extern const LayerOp kGeluGrad = {
    "LtmlGeluGrad", {"dy: float", "x: float"}, {{"dx: float"}}, {}, compute_gradient};
