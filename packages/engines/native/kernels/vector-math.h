// Functions that the compiler turns into vector instructions where a loop calls them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#define INLINE inline __attribute__((always_inline))

INLINE float magnitude(float u) { return u < 0.f ? -u : u; }

INLINE float bits(int32_t pattern) {
  float value;
  std::memcpy(&value, &pattern, sizeof value);
  return value;
}

// e^−t for t ≥ 0 to a unit in the last place or two, and 0 below the normal numbers, which TensorFlow's threads take for 0
// as well. NaN stays NaN.
INLINE float exp_of_minus(float t) {
  t = t > 88.f ? 88.f : t;
  const float shifted = -t * 1.44269504f - 0.5f;
  const int32_t k = static_cast<int32_t>(shifted);
  const float n = static_cast<float>(k);
  // ln 2 in two parts, so that the remainder keeps its digits.
  const float f = (-t - n * 0.693359375f) + n * 2.12194440e-4f;
  float series = 1.f / 5040;
  series = series * f + 1.f / 720;
  series = series * f + 1.f / 120;
  series = series * f + 1.f / 24;
  series = series * f + 1.f / 6;
  series = series * f + 0.5f;
  series = series * f + 1.f;
  series = series * f + 1.f;
  // The bits of 2^k; those of k = −127 are 0.
  return series * bits((k + 127) << 23);
}

// log(1 + e) for e in [0, 1] to a unit in the last place or two: log(1 + e)/e through its values at the ten Chebyshev
// nodes of the interval.
INLINE float log_of_one_plus(float e) {
  float series = -3.1760570e-3f;
  series = series * e + 1.9542526e-2f;
  series = series * e - 5.6373611e-2f;
  series = series * e + 1.0543624e-1f;
  series = series * e - 1.5269667e-1f;
  series = series * e + 1.9663274e-1f;
  series = series * e - 2.4951616e-1f;
  series = series * e + 3.3329710e-1f;
  series = series * e - 4.9999893e-1f;
  series = series * e + 1.f;
  return e * series;
}

// log s for s in [1.2e-38, 1.7e38] to a unit in the last place or two, with the relative digits of log(1 − t) near 1.
INLINE float log_of(float s) {
  int32_t pattern;
  std::memcpy(&pattern, &s, sizeof pattern);
  // s = 2^k·(1 + f) with 1 + f between √½ and √2, whose bits are subtracted.
  const int32_t k = (pattern - 0x3f3504f3) >> 23;
  const float f = bits(pattern - (k << 23)) - 1.f;
  const float n = static_cast<float>(k);
  // Coefficients of Moshier's Cephes library, logf.
  float series = 7.0376836292e-2f;
  series = series * f - 1.1514610310e-1f;
  series = series * f + 1.1676998740e-1f;
  series = series * f - 1.2420140846e-1f;
  series = series * f + 1.4249322787e-1f;
  series = series * f - 1.6668057665e-1f;
  series = series * f + 2.0000714765e-1f;
  series = series * f - 2.4999993993e-1f;
  series = series * f + 3.3333331174e-1f;
  const float square = f * f;
  // ln 2 in two parts, so that the sum keeps its digits.
  return (f + (series * f * square - n * 2.12194440e-4f - 0.5f * square)) + n * 0.693359375f;
}

// t^γ for t ≥ 0, with 0⁰ = 1. The power is no arm of the choice, since the compiler would branch around it.
INLINE float general_power(float t, float gamma) {
  const float kept = t > 1.2e-38f || gamma == 0.f ? 1.f : t == t ? 0.f : t;
  return kept * exp_of_minus(-gamma * log_of(t > 1.2e-38f ? t : 1.2e-38f));
}

INLINE float small_power(float t, int gamma) {
  const float square = t * t;
  return gamma == 0 ? 1.f : gamma == 1 ? t : gamma == 2 ? square : gamma == 3 ? square * t : square * square;
}

INLINE bool is_small(float gamma) {
  return gamma == 0.f || gamma == 1.f || gamma == 2.f || gamma == 3.f || gamma == 4.f;
}

// base^γ₊ where y > 0, else base^γ₋.
INLINE void power(const float* __restrict base, const float* __restrict y, float gamma_positive, float gamma_negative,
                  int count, float* __restrict result) {
  if (is_small(gamma_positive) && is_small(gamma_negative)) {
    const int positive = static_cast<int>(gamma_positive), negative = static_cast<int>(gamma_negative);
    for (int i = 0; i < count; i++) {
      result[i] = y[i] > 0.f ? small_power(base[i], positive) : small_power(base[i], negative);
    }
  } else {
    for (int i = 0; i < count; i++) {
      result[i] = general_power(base[i], y[i] > 0.f ? gamma_positive : gamma_negative);
    }
  }
}

// Copies a part of a row, or repeats the one value that stands for all of it.
INLINE void spread(float* to, const float* from, int64_t step, int count) {
  if (step) std::memcpy(to, from, count * sizeof(float));
  else std::fill(to, to + count, *from);
}

// Adds up the first `count` values, a power of two, by halves, so that there is no order to keep. Changes them.
INLINE float sum_of(float* values, int count) {
  for (int width = count / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) values[i] += values[i + width];
  }
  return values[0];
}
