// A kernel for TensorFlow on a CPU: the losses of the logistic family over [B, C], value and gradient in one pass.
//
// TensorFlow's own kernels would pass over the entries a dozen times, and its Softplus is not vectorised. The op is
// described in src/kernels/tensorflow/logistic-loss.ts. Of TensorFlow only the stable C interface is used, declared
// here as far as needed, so that no headers have to be at hand.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

extern "C" {
struct TF_KernelBuilder;
struct TF_OpDefinitionBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
struct TF_ShapeHandle;
struct TF_ShapeInferenceContext;
struct TF_Status;
struct TF_Tensor;

TF_Status* TF_NewStatus();
void TF_DeleteStatus(TF_Status*);
int TF_GetCode(const TF_Status*);

void* TF_TensorData(const TF_Tensor*);
int64_t TF_Dim(const TF_Tensor*, int);
int TF_NumDims(const TF_Tensor*);
void TF_DeleteTensor(TF_Tensor*);

TF_OpDefinitionBuilder* TF_NewOpDefinitionBuilder(const char*);
void TF_OpDefinitionBuilderAddInput(TF_OpDefinitionBuilder*, const char*);
void TF_OpDefinitionBuilderAddOutput(TF_OpDefinitionBuilder*, const char*);
void TF_OpDefinitionBuilderAddAttr(TF_OpDefinitionBuilder*, const char*);
void TF_OpDefinitionBuilderSetShapeInferenceFunction(TF_OpDefinitionBuilder*,
                                                     void (*)(TF_ShapeInferenceContext*, TF_Status*));
void TF_RegisterOpDefinition(TF_OpDefinitionBuilder*, TF_Status*);
TF_ShapeHandle* TF_NewShapeHandle();
void TF_DeleteShapeHandle(TF_ShapeHandle*);
TF_ShapeHandle* TF_ShapeInferenceContextScalar(TF_ShapeInferenceContext*);
void TF_ShapeInferenceContextGetInput(TF_ShapeInferenceContext*, int, TF_ShapeHandle*, TF_Status*);
void TF_ShapeInferenceContextSetOutput(TF_ShapeInferenceContext*, int, TF_ShapeHandle*, TF_Status*);

TF_KernelBuilder* TF_NewKernelBuilder(const char*, const char*, void* (*)(TF_OpKernelConstruction*),
                                      void (*)(void*, TF_OpKernelContext*), void (*)(void*));
void TF_RegisterKernelBuilder(const char*, TF_KernelBuilder*, TF_Status*);
void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction*, const char*, float*, TF_Status*);
void TF_OpKernelContext_Failure(TF_OpKernelContext*, TF_Status*);
void TF_GetInput(TF_OpKernelContext*, int, TF_Tensor**, TF_Status*);
TF_Tensor* TF_AllocateOutput(TF_OpKernelContext*, int, int type, const int64_t*, int, size_t, TF_Status*);
}

// The compiler vectorises for each of these and the processor picks one as the library is loaded.
#if defined(__x86_64__) && defined(__linux__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
#define INLINE inline __attribute__((always_inline))

namespace {

constexpr int kFloat = 1;  // TF_FLOAT

struct Terms {
  float positive_slope;
  float negative_slope;
  float gamma;
};

// A tensor that broadcasts to [B, C]; its entry b, c is at b·row + c·column.
struct Matrix {
  const float* values;
  int64_t row;
  int64_t column;
};

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

INLINE float magnitude(float u) { return u < 0.f ? -u : u; }

// Entries that are worked on together: what lies between the loops over them stays in the nearest cache.
constexpr int kBlock = 256;

// Up to kBlock entries. Adds up the values; the gradients go to `gradient`. Weights are changed.
INLINE float compute_block(const float* __restrict x, const float* __restrict y, const float* __restrict shift,
                           float* __restrict weight, int count, const Terms& terms, float scale,
                           float* __restrict gradient) {
  float value[kBlock], log[kBlock];
  for (int i = 0; i < count; i++) {
    const float u = (y[i] > 0.f ? terms.positive_slope : terms.negative_slope) * (x[i] - shift[i]);
    const float e = exp_of_minus(magnitude(u));
    const bool up = u >= 0.f;
    log[i] = log_of_one_plus(e);
    // softplus(u) − y·u, and its derivative σ(u) − y; neither cancels where y is 0 or 1.
    value[i] = ((up ? u : 0.f) - y[i] * u) + log[i];
    gradient[i] = ((up ? 1.f - y[i] : -y[i]) + (up ? -y[i] : 1.f - y[i]) * e) / (1.f + e);
  }
  if (terms.gamma == 2.f) {
    for (int i = 0; i < count; i++) weight[i] *= gradient[i] * gradient[i];
  } else if (terms.gamma != 0.f) {
    for (int i = 0; i < count; i++) {
      const float u = (y[i] > 0.f ? terms.positive_slope : terms.negative_slope) * (x[i] - shift[i]);
      // By the logarithm of the other label's probability.
      weight[i] *= exp_of_minus(terms.gamma * (((y[i] > 0.f) == (u >= 0.f) ? magnitude(u) : 0.f) + log[i]));
    }
  }
  if (terms.gamma != 0.f) {
    for (int i = 0; i < count; i++) {
      const float bend = terms.gamma * (1.f - magnitude(gradient[i])) * value[i];
      gradient[i] += y[i] > 0.f ? -bend : bend;
    }
  }
  for (int i = 0; i < count; i++) {
    const float slope = y[i] > 0.f ? terms.positive_slope : terms.negative_slope;
    gradient[i] *= scale * weight[i] * slope;
    value[i] *= weight[i];
  }
  // By halves, so that there is no order to keep.
  std::fill(value + count, value + kBlock, 0.f);
  for (int width = kBlock / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) value[i] += value[i + width];
  }
  return value[0];
}

// Copies a part of a row, or repeats the one value that stands for all of it.
INLINE void spread(float* to, const float* from, int64_t step, int count) {
  if (step) std::memcpy(to, from, count * sizeof(float));
  else std::fill(to, to + count, *from);
}

FOR_EACH_PROCESSOR
double compute_all(const float* x, const float* y, Matrix shift, Matrix weights, int64_t B, int64_t C,
                   const Terms& terms, float scale, float* gradient) {
  float shifts[kBlock], factors[kBlock];
  double sum = 0;
  for (int64_t b = 0; b < B; b++) {
    for (int64_t c = 0; c < C; c += kBlock) {
      const int count = static_cast<int>(C - c < kBlock ? C - c : kBlock);
      const int64_t at = b * C + c;
      spread(shifts, shift.values + b * shift.row + c * shift.column, shift.column, count);
      spread(factors, weights.values + b * weights.row + c * weights.column, weights.column, count);
      sum += compute_block(x + at, y + at, shifts, factors, count, terms, scale, gradient + at);
    }
  }
  return sum;
}

void* create(TF_OpKernelConstruction* construction) {
  TF_Status* status = TF_NewStatus();
  auto* terms = new Terms;
  TF_OpKernelConstruction_GetAttrFloat(construction, "positive_slope", &terms->positive_slope, status);
  TF_OpKernelConstruction_GetAttrFloat(construction, "negative_slope", &terms->negative_slope, status);
  TF_OpKernelConstruction_GetAttrFloat(construction, "gamma", &terms->gamma, status);
  TF_DeleteStatus(status);
  return terms;
}

void destroy(void* terms) { delete static_cast<Terms*>(terms); }

Matrix matrix(const TF_Tensor* tensor) {
  const int64_t rows = TF_Dim(tensor, 0), columns = TF_Dim(tensor, 1);
  return {static_cast<const float*>(TF_TensorData(tensor)), rows > 1 ? columns : 0, columns > 1 ? 1 : 0};
}

void compute(void* kernel, TF_OpKernelContext* context) {
  const Terms& terms = *static_cast<Terms*>(kernel);
  TF_Status* status = TF_NewStatus();
  TF_Tensor* in[5] = {};
  for (int i = 0; i < 5 && TF_GetCode(status) == 0; i++) TF_GetInput(context, i, &in[i], status);
  TF_Tensor* value = nullptr;
  TF_Tensor* gradient = nullptr;
  if (TF_GetCode(status) == 0) value = TF_AllocateOutput(context, 0, kFloat, nullptr, 0, sizeof(float), status);
  if (TF_GetCode(status) == 0) {
    const int64_t shape[] = {TF_Dim(in[0], 0), TF_Dim(in[0], 1)};
    gradient = TF_AllocateOutput(context, 1, kFloat, shape, 2, shape[0] * shape[1] * sizeof(float), status);
    if (TF_GetCode(status) == 0) {
      const float scale = *static_cast<const float*>(TF_TensorData(in[4]));
      *static_cast<float*>(TF_TensorData(value)) = static_cast<float>(
          scale * compute_all(static_cast<const float*>(TF_TensorData(in[0])), static_cast<const float*>(TF_TensorData(in[1])),
                       matrix(in[2]), matrix(in[3]), shape[0], shape[1], terms, scale,
                       static_cast<float*>(TF_TensorData(gradient))));
    }
  }
  if (TF_GetCode(status) != 0) TF_OpKernelContext_Failure(context, status);
  for (TF_Tensor* tensor : {in[0], in[1], in[2], in[3], in[4], value, gradient}) {
    if (tensor) TF_DeleteTensor(tensor);
  }
  TF_DeleteStatus(status);
}

void infer_shapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle* scalar = TF_ShapeInferenceContextScalar(context);
  TF_ShapeInferenceContextSetOutput(context, 0, scalar, status);
  TF_DeleteShapeHandle(scalar);
  TF_ShapeHandle* logits = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, 0, logits, status);
  TF_ShapeInferenceContextSetOutput(context, 1, logits, status);
  TF_DeleteShapeHandle(logits);
}

}  // namespace

// Node calls it as it loads the library as an addon.
extern "C" __attribute__((visibility("default"))) void* napi_register_module_v1(void*, void* exports) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder("LtmlLogisticLoss");
  for (const char* input : {"logits: float", "labels: float", "shift: float", "weights: float", "scale: float"}) {
    TF_OpDefinitionBuilderAddInput(op, input);
  }
  TF_OpDefinitionBuilderAddOutput(op, "value: float");
  TF_OpDefinitionBuilderAddOutput(op, "gradient: float");
  for (const char* attribute : {"positive_slope: float", "negative_slope: float", "gamma: float"}) {
    TF_OpDefinitionBuilderAddAttr(op, attribute);
  }
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, infer_shapes);
  TF_RegisterOpDefinition(op, status);
  TF_RegisterKernelBuilder("LtmlLogisticLoss", TF_NewKernelBuilder("LtmlLogisticLoss", "CPU", create, compute, destroy),
                           status);
  TF_DeleteStatus(status);
  return exports;
}
