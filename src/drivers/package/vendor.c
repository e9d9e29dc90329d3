/* SPDX-License-Identifier: MIT */
/* Sources: Microsoft's page "GPU paravirtualization"; the driver mapping table of ExHyperV (2026-08), which its users
 * test with current drivers; PCI vendor IDs. Unverified: that each release needs each of them. */
#include "drivers/package/vendor.h"

#include "base/ascii.h"
#include "base/compiler.h"

#define S "Windows/System32/"
#define W "Windows/SysWOW64/"
#define L "Windows/System32/lxss/lib/" /* for Linux programs in a guest that has WSL itself */
/* clang-format off */

static const VendorFile nvidia_files[] = {
    { "nvapi64.dll", S "nvapi64.dll" },
    { "nvcuda_loader64.dll", S "nvcuda.dll" },
    { "nvcudadebugger.dll", S "nvcudadebugger.dll" },
    { "nvcuvid64.dll", S "nvcuvid.dll" },
    { "nvdebugdump.exe", S "nvdebugdump.exe" },
    { "nvEncodeAPI64.dll", S "nvEncodeAPI64.dll" },
    { "NvFBC64.dll", S "NvFBC64.dll" },
    { "NvIFR64.dll", S "NvIFR64.dll" },
    { "nvidia-smi.exe", S "nvidia-smi.exe" },
    { "nvidia-pcc.exe", S "nvidia-pcc.exe" },
    { "MCU.exe", S "MCU.exe" },
    { "nvinfo.pb", S "nvinfo.pb" },
    { "nvml_loader.dll", S "nvml.dll" },
    { "nvofapi64.dll", S "nvofapi64.dll" },
    { "OpenCL64.dll", S "OpenCL.dll" },
    { "vulkan-1-x64.dll", S "vulkan-1.dll" },
    { "vulkan-1-x64.dll", S "vulkan-1-999-0-0-0.dll" },
    { "vulkaninfo-x64.exe", S "vulkaninfo.exe" },
    { "license.txt", S "drivers/NVIDIA Corporation/license.txt" },
    { "dbInstaller.exe", S "drivers/NVIDIA Corporation/Drs/dbInstaller.exe" },
    { "nvdrsdb.bin", S "drivers/NVIDIA Corporation/Drs/nvdrsdb.bin" },
    { "libcuda_loader.so", L "libcuda.so" },
    { "libcuda_loader.so", L "libcuda.so.1" },
    { "libcuda_loader.so", L "libcuda.so.1.1" },
    { "libnvidia-ml_loader.so", L "libnvidia-ml.so.1" },
    { "libnvidia-encode.so.1", L "libnvidia-encode.so.1" },
    { "libnvcuvid.so.1", L "libnvcuvid.so.1" },
    { "libnvoptix_loader.so.1", L "libnvoptix.so.1" },
    { "libnvwgf2umx.so", L "libnvwgf2umx.so" },
    { "nvidia-smi", L "nvidia-smi" },
    { "nvapi.dll", W "nvapi.dll" },
    { "nvcuda_loader32.dll", W "nvcuda.dll" },
    { "nvcuvid32.dll", W "nvcuvid.dll" },
    { "nvEncodeAPI.dll", W "nvEncodeAPI.dll" },
    { "NvFBC.dll", W "NvFBC.dll" },
    { "NvIFR.dll", W "NvIFR.dll" },
    { "nvofapi.dll", W "nvofapi.dll" },
    { "OpenCL32.dll", W "OpenCL.dll" },
    { "vulkan-1-x86.dll", W "vulkan-1.dll" },
    { "vulkan-1-x86.dll", W "vulkan-1-999-0-0-0.dll" },
    { "vulkaninfo-x86.exe", W "vulkaninfo.exe" },
};

static const VendorFile amd_files[] = {
    { "amfrt64.dll", S "amfrt64.dll" },
    { "atio6axx.dll", S "atio6axx.dll" },
    { "amd_opencl64.dll", S "OpenCL.dll" },
    { "atidxxstub64.dll", S "atidxx64.dll" },
    { "amdxcstub64.dll", S "amdxc64.dll" },
    { "amdadlx64.dll", S "amdadlx64.dll" },
    { "amdave64.dll", S "amdave64.dll" },
    { "amdgfxinfo64.dll", S "amdgfxinfo64.dll" },
    { "amdlvr64.dll", S "amdlvr64.dll" },
    { "amdpcom64.dll", S "amdpcom64.dll" },
    { "atiadlxx.dll", S "atiadlxx.dll" },
    { "atimpc64.dll", S "atimpc64.dll" },
    { "atisamu64.dll", S "atisamu64.dll" },
    { "atieclxx.exe", S "atieclxx.exe" },
    { "atieah64.exe", S "atieah64.exe" },
    { "amf-mft-mjpeg-decoder64.dll", S "amf-mft-mjpeg-decoder64.dll" },
    { "detoured64.dll", S "detoured.dll" },
    { "vulkan64.dll", S "vulkan-1.dll" },
    { "vulkan64.dll", S "vulkan-1-999-0-0-0.dll" },
    { "atiapfxx.blb", S "atiapfxx.blb" },
    { "ativvsva.dat", S "ativvsva.dat" },
    { "ativvsvl.dat", S "ativvsvl.dat" },
    { "amfrt32.dll", W "amfrt32.dll" },
    { "atioglxx.dll", W "atioglxx.dll" },
    { "amd_opencl32.dll", W "OpenCL.dll" },
    { "atiadlxy.dll", W "atiadlxx.dll" },
    { "atiadlxy.dll", W "atiadlxy.dll" },
};

static const VendorFile intel_files[] = {
    { "ControlLib.dll", S "ControlLib.dll" },
    { "intel_gfx_api-x64.dll", S "intel_gfx_api-x64.dll" },
    { "mfx_loader_dll_hw64.dll", S "libmfxhw64.dll" },
    { "vpl_dispatcher_64.dll", S "libvpl.dll" },
    { "mfxplugin64_hw.dll", S "mfxplugin64_hw.dll" },
    { "vulkan-1-64.dll", S "vulkan-1.dll" },
    { "vulkan-1-64.dll", S "vulkan-1-999-0-0-0.dll" },
    { "vulkaninfo-64.exe", S "vulkaninfo-64.exe" },
    { "ze_loader.dll", S "ze_loader.dll" },
    { "ze_tracing_layer.dll", S "ze_tracing_layer.dll" },
    { "ze_validation_layer.dll", S "ze_validation_layer.dll" },
    { "ze_intel_gpu_raytracing.dll", S "ze_intel_gpu_raytracing.dll" },
    { "ControlLib32.dll", W "ControlLib32.dll" },
    { "IntelControlLib32.dll", W "IntelControlLib32.dll" },
    { "intel_gfx_api-x86.dll", W "intel_gfx_api-x86.dll" },
    { "mfx_loader_dll_hw32.dll", W "libmfxhw32.dll" },
    { "vpl_dispatcher_32.dll", W "libvpl.dll" },
    { "vulkan-1-32.dll", W "vulkan-1.dll" },
    { "vulkan-1-32.dll", W "vulkan-1-999-0-0-0.dll" },
};

/* Intel's compute and media runtimes look into the class key of the number that the host's driver has there. */
static const char *const intel_values[] = {
    "ContentProtectionDriverName", "ControlApiPath", "ControlApiPath32", "DriverStorePathForComputeRuntime",
    "DriverStorePathForMDF", "DriverStorePathForMediaSDK", "DriverStorePathForVPL", "LevelZeroDriverPath",
    "OpenCLDriverName", "OpenCLDriverNameWow", "OpenGLDriverName", "OpenGLDriverNameWow", "OpenGLFlags",
    "OpenGLFlagsWow", "OpenGLInstalled", "OpenGLVersion", "OpenGLVersionWow", "VulkanDriverName",
    "VulkanDriverNameWow", NULL,
};

/* clang-format on */
static const Vendor vendors[] = {
    { "NVIDIA", "VEN_10DE", nvidia_files, COUNT_OF(nvidia_files), NULL },
    { "AMD", "VEN_1002", amd_files, COUNT_OF(amd_files), NULL },
    { "INTEL", "VEN_8086", intel_files, COUNT_OF(intel_files), intel_values },
};

const Vendor *vendor_find(const char *device_id)
{
    for (size_t i = 0; i < COUNT_OF(vendors); i++) {
        if (ascii_starts_with(device_id, "PCI\\") && ascii_starts_with(device_id + 4, vendors[i].pci_id))
            return &vendors[i];
    }
    return NULL;
}

bool vendor_has_value(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(vendors); i++) {
        for (const char *const *value = vendors[i].values; value != NULL && *value != NULL; value++) {
            if (ascii_equals(*value, name))
                return true;
        }
    }
    return false;
}
