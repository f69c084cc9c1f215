// Makes a tensor whose memory may be written into: nobody else holds it, and it is TensorFlow's own.
#include <cstring>
#include <memory>
#include <vector>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"
#include "tensorflow/c/tf_tensor.h"
#include "utils.h"

// The table of tensors is private there.
#define private public
#include "tfjs_backend.h"
#undef private

namespace {

TF_Tensor* copy_of(const TF_Tensor* tensor) {
  std::vector<int64_t> shape(TF_NumDims(tensor));
  for (size_t axis = 0; axis < shape.size(); axis++) shape[axis] = TF_Dim(tensor, static_cast<int>(axis));
  TF_Tensor* copy = TF_AllocateTensor(TF_TensorType(tensor), shape.data(), static_cast<int>(shape.size()),
                                      TF_TensorByteSize(tensor));
  std::memcpy(TF_TensorData(copy), TF_TensorData(tensor), TF_TensorByteSize(tensor));
  return copy;
}

}  // namespace

// takeTensor(number, isLast): the number of a tensor of the same values. If the given one is the last to hold its memory
// (`isLast` says that JavaScript has no other use for its number, which is gone then) it is moved, else copied.
napi_value TakeTensor(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value args[2];
  napi_get_cb_info(env, info, &argc, args, nullptr, nullptr);
  int32_t number = 0;
  bool is_last = false;
  napi_get_value_int32(env, args[0], &number);
  napi_get_value_bool(env, args[1], &is_last);
  tfnodejs::TFJSBackend* backend = nullptr;
  napi_get_instance_data(env, reinterpret_cast<void**>(&backend));
  using tfnodejs::NapiThrowError;
  const auto found = backend->tfe_handle_map_.find(number);
  if (found == backend->tfe_handle_map_.end()) {
    NAPI_THROW_ERROR(env, "Input Tensor ID not referenced (tensor_id: %d)", number);
    return nullptr;
  }
  const std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status(TF_NewStatus(), TF_DeleteStatus);
  TF_Tensor* tensor = TFE_TensorHandleResolve(found->second, status.get());
  if (TF_GetCode(status.get()) != TF_OK) {
    NAPI_THROW_ERROR(env, "Invalid TF_Status: %u\nMessage: %s", TF_GetCode(status.get()), TF_Message(status.get()));
    return nullptr;
  }
  if (is_last) {
    TFE_DeleteTensorHandle(found->second);
    backend->tfe_handle_map_.erase(found);
  }
  // Moves what has one holder and is no memory of JavaScript's.
  TF_Tensor* own = TF_TensorMaybeMove(tensor);
  if (!own) {
    own = copy_of(tensor);
    TF_DeleteTensor(tensor);
  }
  TFE_TensorHandle* handle = TFE_NewTensorHandle(own, status.get());
  TF_DeleteTensor(own);
  napi_value result;
  napi_create_int32(env, backend->InsertHandle(handle), &result);
  return result;
}
