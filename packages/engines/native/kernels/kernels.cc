// Our own kernels for TensorFlow on a CPU, as an addon for Node: loading it makes TensorFlow know their ops.
#include "layer-op.h"
#include "loss-op.h"
#include "update-op.h"

extern const LayerOp kGelu;
extern const LayerOp kGeluGrad;
extern const LayerOp kLayerNorm;
extern const LayerOp kLayerNormGrad;
extern const LayerOp kReluGrad;
extern const LayerOp kSelfAttention;
extern const LayerOp kSelfAttentionGrad;
extern const LossOp kAsymmetricLoss;
extern const LossOp kAsymmetricSingleLabelLoss;
extern const LossOp kHillLoss;
extern const LossOp kKPositiveLoss;
extern const LossOp kLadeRegularizer;
extern const LossOp kLikelyUnknown;
extern const LossOp kLogisticLoss;
extern const LossOp kRankingLoss;
extern const LossOp kRebalancedWeights;
extern const LossOp kSoftLabelLoss;
extern const LossOp kTwoWayLoss;
extern const LossOp kWeightedAsymmetricLoss;
extern const UpdateOp kAdam;
extern const UpdateOp kMomentum;
extern const UpdateOp kSgd;

extern "C" __attribute__((visibility("default"))) void* napi_register_module_v1(void*, void* exports) {
  LayerKernel<kGelu>::add();
  LayerKernel<kGeluGrad>::add();
  LayerKernel<kLayerNorm>::add();
  LayerKernel<kLayerNormGrad>::add();
  LayerKernel<kReluGrad>::add();
  LayerKernel<kSelfAttention>::add();
  LayerKernel<kSelfAttentionGrad>::add();
  LossKernel<kAsymmetricLoss>::add();
  LossKernel<kAsymmetricSingleLabelLoss>::add();
  LossKernel<kHillLoss>::add();
  LossKernel<kKPositiveLoss>::add();
  LossKernel<kLadeRegularizer>::add();
  LossKernel<kLikelyUnknown>::add();
  LossKernel<kLogisticLoss>::add();
  LossKernel<kRankingLoss>::add();
  LossKernel<kRebalancedWeights>::add();
  LossKernel<kSoftLabelLoss>::add();
  LossKernel<kTwoWayLoss>::add();
  LossKernel<kWeightedAsymmetricLoss>::add();
  UpdateKernel<kAdam>::add();
  UpdateKernel<kMomentum>::add();
  UpdateKernel<kSgd>::add();
  return exports;
}
