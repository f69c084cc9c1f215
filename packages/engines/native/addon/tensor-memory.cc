// Lends the memory of a tensor to JavaScript, without a copy.
#include <memory>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"
#include "utils.h"

// The table of tensors is private there.
#define private public
#include "tfjs_backend.h"
#undef private

// lendMemory(number): the values of a tensor as an ArrayBuffer. It is valid until `returnMemory`, and the tensor must stay
// until then. Call it for a tensor of `takeTensor` if the values are written.
napi_value LendMemory(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value arg;
  napi_get_cb_info(env, info, &argc, &arg, nullptr, nullptr);
  int32_t number = 0;
  napi_get_value_int32(env, arg, &number);
  tfnodejs::TFJSBackend* backend = nullptr;
  napi_get_instance_data(env, reinterpret_cast<void**>(&backend));
  using tfnodejs::NapiThrowError;
  const auto found = backend->tfe_handle_map_.find(number);
  if (found == backend->tfe_handle_map_.end()) {
    NAPI_THROW_ERROR(env, "Input Tensor ID not referenced (tensor_id: %d)", number);
    return nullptr;
  }
  const std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status(TF_NewStatus(), TF_DeleteStatus);
  // A second name of the same memory, which the handle in the table keeps.
  const std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)> tensor(
      TFE_TensorHandleResolve(found->second, status.get()), TF_DeleteTensor);
  if (TF_GetCode(status.get()) != TF_OK) {
    NAPI_THROW_ERROR(env, "Invalid TF_Status: %u\nMessage: %s", TF_GetCode(status.get()), TF_Message(status.get()));
    return nullptr;
  }
  napi_value buffer = nullptr;
  const size_t bytes = TF_TensorByteSize(tensor.get());
  void* unused;
  const napi_status made =
      bytes == 0 ? napi_create_arraybuffer(env, 0, &unused, &buffer)
                 : napi_create_external_arraybuffer(env, TF_TensorData(tensor.get()), bytes, nullptr, nullptr, &buffer);
  if (made != napi_ok) NAPI_THROW_ERROR(env, "The memory of tensor %d can't be lent (status %d)", number, made);
  return buffer;
}

// returnMemory(buffer): makes an ArrayBuffer of `lendMemory` empty.
napi_value ReturnMemory(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value buffer;
  napi_get_cb_info(env, info, &argc, &buffer, nullptr, nullptr);
  napi_detach_arraybuffer(env, buffer);
  return nullptr;
}
