// Our own kernels for TensorFlow on a CPU, as an addon for Node: loading it makes TensorFlow know their ops.
#include "loss-op.h"

extern const LossOp kAsymmetricLoss;
extern const LossOp kAsymmetricSingleLabelLoss;
extern const LossOp kKPositiveLoss;
extern const LossOp kLogisticLoss;
extern const LossOp kRankingLoss;
extern const LossOp kRebalancedWeights;

extern "C" __attribute__((visibility("default"))) void* napi_register_module_v1(void*, void* exports) {
  LossKernel<kAsymmetricLoss>::add();
  LossKernel<kAsymmetricSingleLabelLoss>::add();
  LossKernel<kKPositiveLoss>::add();
  LossKernel<kLogisticLoss>::add();
  LossKernel<kRankingLoss>::add();
  LossKernel<kRebalancedWeights>::add();
  return exports;
}
