// Products of small matrices that lie in a cache.
#pragma once

#include <cstdint>
#include <cstring>

#include "vector-math.h"

// A register holds so many floats, and a tile of the result has so many rows of two registers: with those of the factors they
// are all that the processor has.
#if defined(__AVX512F__)
constexpr int kVector = 16, kRows = 8;
#elif defined(__AVX__)
constexpr int kVector = 8, kRows = 6;
#else
constexpr int kVector = 4, kRows = 4;
#endif
typedef float Vector __attribute__((vector_size(kVector * sizeof(float))));

// So that what a loop indexes can stay in registers.
#define UNROLL _Pragma("GCC unroll 16")

INLINE Vector load(const float* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

INLINE int64_t whole_vectors(int64_t count) { return (count + kVector - 1) / kVector * kVector; }

// A [M, K], whose entry m, k is at m·row + k·column.
struct Factor {
  const float* values;
  int64_t row;
  int64_t column;
};

// A part of C = A·B that stays in registers.
template <int rows, int vectors>
INLINE void product_tile(const Factor& a, int64_t K, const float* b, int64_t b_row, bool adds, float* c, int64_t c_row) {
  Vector sums[rows][vectors] = {};
  for (int64_t k = 0; k < K; k++) {
    Vector right[vectors];
    UNROLL for (int v = 0; v < vectors; v++) right[v] = load(b + k * b_row + v * kVector);
    UNROLL for (int m = 0; m < rows; m++) {
      const float left = a.values[m * a.row + k * a.column];
      UNROLL for (int v = 0; v < vectors; v++) sums[m][v] += left * right[v];
    }
  }
  UNROLL for (int m = 0; m < rows; m++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      float* to = c + m * c_row + v * kVector;
      const Vector sum = adds ? sums[m][v] + load(to) : sums[m][v];
      std::memcpy(to, &sum, sizeof sum);
    }
  }
}

template <int vectors>
INLINE void product_panel(Factor a, int64_t M, int64_t K, const float* b, int64_t b_row, bool adds, float* c,
                          int64_t c_row) {
  const auto tile = [&](int rows) {
    a.values += rows * a.row;
    c += rows * c_row;
    M -= rows;
  };
  for (; M >= kRows; tile(kRows)) product_tile<kRows, vectors>(a, K, b, b_row, adds, c, c_row);
  for (; M >= 2; tile(2)) product_tile<2, vectors>(a, K, b, b_row, adds, c, c_row);
  if (M) product_tile<1, vectors>(a, K, b, b_row, adds, c, c_row);
}

// C [M, N] = A [M, K] · B [K, N], or added to C; N consists of whole vectors.
static void multiply(const Factor& a, int64_t M, int64_t K, const float* b, int64_t b_row, int64_t N, bool adds, float* c,
                     int64_t c_row) {
  int64_t n = 0;
  for (; n + 2 * kVector <= N; n += 2 * kVector) product_panel<2>(a, M, K, b + n, b_row, adds, c + n, c_row);
  if (n < N) product_panel<1>(a, M, K, b + n, b_row, adds, c + n, c_row);
}
