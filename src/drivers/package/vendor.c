/* SPDX-License-Identifier: MIT */
/* Sources: Microsoft's page "GPU paravirtualization"; the driver mapping table of ExHyperV (2026-08), which its users
 * test with current drivers; PCI vendor IDs. Unverified: that each release needs each of them. */
#include "drivers/package/vendor.h"

#include "base/ascii.h"
#include "base/compiler.h"

#include <string.h>

#define S "Windows/System32/"
#define W "Windows/SysWOW64/"
#define C "Windows/SyChpe32/"          /* for x86 programs on ARM64 */
#define L "Windows/System32/lxss/lib/" /* for Linux programs in a guest that has WSL itself */
/* clang-format off */

static const VendorFile nvidia_files[] = {
    { "MCU.exe", S "MCU.exe" },
    { "nvapi64.dll", S "nvapi64.dll" },
    { "nvcpl.dll", S "nvcpl.dll" },
    { "nvcuda_loader64.dll", S "nvcuda.dll" },
    { "nvcudadebugger.dll", S "nvcudadebugger.dll" },
    { "nvcuvid64.dll", S "nvcuvid.dll" },
    { "nvdebugdump.exe", S "nvdebugdump.exe" },
    { "nvEncodeAPI64.dll", S "nvEncodeAPI64.dll" },
    { "NvFBC64.dll", S "NvFBC64.dll" },
    { "nvidia-pcc.exe", S "nvidia-pcc.exe" },
    { "nvidia-smi.exe", S "nvidia-smi.exe" },
    { "NvIFR64.dll", S "NvIFR64.dll" },
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
    { "libcudadebugger.so.1", L "libcudadebugger.so.1" },
    { "libnvcuvid.so.1", L "libnvcuvid.so" },
    { "libnvcuvid.so.1", L "libnvcuvid.so.1" },
    { "libnvdxdlkernels.so", L "libnvdxdlkernels.so" },
    { "libnvidia-encode.so.1", L "libnvidia-encode.so" },
    { "libnvidia-encode.so.1", L "libnvidia-encode.so.1" },
    { "libnvidia-ml_loader.so", L "libnvidia-ml.so.1" },
    { "libnvidia-ngx.so.1", L "libnvidia-ngx.so.1" },
    { "libnvidia-opticalflow.so.1", L "libnvidia-opticalflow.so" },
    { "libnvidia-opticalflow.so.1", L "libnvidia-opticalflow.so.1" },
    { "libnvoptix_loader.so.1", L "libnvoptix.so.1" },
    { "libnvwgf2umx.so", L "libnvwgf2umx.so" },
    { "nvidia-ngx-updater", L "nvidia-ngx-updater" },
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
    { "atidxxstub64.dll", S "atidxx64.dll" },
    { "amdxcstub64.dll", S "amdxc64.dll" },
    { "amdxc64.so", S "amdxc64.so" },
    { "amdadlx64.dll", S "amdadlx64.dll" },
    { "amdave64.dll", S "amdave64.dll" },
    { "amdgfxinfo64.dll", S "amdgfxinfo64.dll" },
    { "amdlvr64.dll", S "amdlvr64.dll" },
    { "amdpcom64.dll", S "amdpcom64.dll" },
    { "amfrt64.dll", S "amfrt64.dll" },
    { "atiadlxx.dll", S "atiadlxx.dll" },
    { "atimpc64.dll", S "atimpc64.dll" },
    { "atisamu64.dll", S "atisamu64.dll" },
    { "amdsasrv64.dll", S "amdsasrv64.dll" },
    { "amdsacli64.dll", S "amdsacli64.dll" },
    { "atieclxx.exe", S "atieclxx.exe" },
    { "atieah64.exe", S "atieah64.exe" },
    { "EEURestart.exe", S "EEURestart.exe" },
    { "GameManager64.dll", S "GameManager64.dll" },
    { "amdmiracast.dll", S "amdmiracast.dll" },
    { "amf-mft-mjpeg-decoder64.dll", S "amf-mft-mjpeg-decoder64.dll" },
    { "atidemgy.dll", S "atidemgy.dll" },
    { "atimuixx.dll", S "atimuixx.dll" },
    { "atiapfxx.blb", S "atiapfxx.blb" },
    { "ativvsva.dat", S "ativvsva.dat" },
    { "ativvsvl.dat", S "ativvsvl.dat" },
    { "AMDKernelEvents.mc", S "AMDKernelEvents.man" },
    { "detoured64.dll", S "detoured.dll" },
    { "vulkan64.dll", S "vulkan-1.dll" },
    { "vulkan64.dll", S "vulkan-1-999-0-0-0.dll" },
    { "vulkaninfo64.exe", S "vulkaninfo.exe" },
    { "vulkaninfo64.exe", S "vulkaninfo-1-999-0-0-0.exe" },
    { "amd_comgr_2.dll", S "amd_comgr_2.dll" },
    { "amdhip64_6.dll", S "amdhip64_6.dll" },
    { "amdmmcl.dll", S "amdmmcl.dll" },
    { "amdmmcl6.dll", S "amdmmcl6.dll" },
    { "clinfo.exe", S "clinfo.exe" },
    { "hiprt02000_amd.hipfb", S "hiprt02000_amd.hipfb" },
    { "hiprt0200064.dll", S "hiprt0200064.dll" },
    { "oro_compiled_kernels.hipfb", S "oro_compiled_kernels.hipfb" },
    { "amdlogum.exe", S "amdlogum.exe" },
    { "dgtrayicon.exe", S "dgtrayicon.exe" },
    { "Rapidfire64.dll", S "Rapidfire64.dll" },
    { "RapidFireServer64.dll", S "RapidFireServer64.dll" },
    { "atidxxstub32.dll", W "atidxx32.dll" },
    { "amdxcstub32.dll", W "amdxc32.dll" },
    { "amdadlx32.dll", W "amdadlx32.dll" },
    { "amdave32.dll", W "amdave32.dll" },
    { "amdgfxinfo32.dll", W "amdgfxinfo32.dll" },
    { "amdlvr32.dll", W "amdlvr32.dll" },
    { "amdpcom32.dll", W "amdpcom32.dll" },
    { "amfrt32.dll", W "amfrt32.dll" },
    { "atimpc32.dll", W "atimpc32.dll" },
    { "atisamu32.dll", W "atisamu32.dll" },
    { "GameManager32.dll", W "GameManager32.dll" },
    { "atiadlxy.dll", W "atiadlxx.dll" },
    { "amdsacli32.dll", W "amdsacli32.dll" },
    { "amf-mft-mjpeg-decoder32.dll", W "amf-mft-mjpeg-decoder32.dll" },
    { "atiadlxy.dll", W "atiadlxy.dll" },
    { "atieah32.exe", W "atieah32.exe" },
    { "detoured32.dll", W "detoured.dll" },
    { "atiapfxx.blb", W "atiapfxx.blb" },
    { "ativvsva.dat", W "ativvsva.dat" },
    { "ativvsvl.dat", W "ativvsvl.dat" },
    { "vulkan32.dll", W "vulkan-1.dll" },
    { "vulkan32.dll", W "vulkan-1-999-0-0-0.dll" },
    { "vulkaninfo32.exe", W "vulkaninfo.exe" },
    { "vulkaninfo32.exe", W "vulkaninfo-1-999-0-0-0.exe" },
    { "amd_comgr32.dll", W "amd_comgr32.dll" },
    { "Rapidfire.dll", W "Rapidfire.dll" },
    { "RapidFireServer.dll", W "RapidFireServer.dll" },
    { "atio6axx.dll", S "atio6axx.dll" },
    { "amd_opencl64.dll", S "OpenCL.dll" },
    { "atioglxx.dll", W "atioglxx.dll" },
    { "amd_opencl32.dll", W "OpenCL.dll" },
};

static const VendorFile intel_files[] = {
    { "ControlLib.dll", S "ControlLib.dll" },
    { "intel_gfx_api-x64.dll", S "intel_gfx_api-x64.dll" },
    { "mfx_loader_dll_hw64.dll", S "libmfxhw64.dll" },
    { "vpl_dispatcher_64.dll", S "libvpl.dll" },
    { "mfxplugin64_hw.dll", S "mfxplugin64_hw.dll" },
    { "vulkan-1-64.dll", S "vulkan-1.dll" },
    { "vulkan-1-64.dll", S "vulkan-1-999-0-0-0.dll" },
    { "vulkaninfo-64.exe", S "vulkaninfo.exe" },
    { "vulkaninfo-64.exe", S "vulkaninfo-1-999-0-0-0.exe" },
    { "ze_intel_gpu_raytracing.dll", S "ze_intel_gpu_raytracing.dll" },
    { "ze_loader.dll", S "ze_loader.dll" },
    { "ze_tracing_layer.dll", S "ze_tracing_layer.dll" },
    { "ze_validation_layer.dll", S "ze_validation_layer.dll" },
    { "ControlLib32.dll", W "ControlLib32.dll" },
    { "IntelControlLib32.dll", W "IntelControlLib32.dll" },
    { "intel_gfx_api-x86.dll", W "intel_gfx_api-x86.dll" },
    { "mfx_loader_dll_hw32.dll", W "libmfxhw32.dll" },
    { "vpl_dispatcher_32.dll", W "libvpl.dll" },
    { "mfxplugin32_hw.dll", W "mfxplugin32_hw.dll" },
    { "vulkan-1-32.dll", W "vulkan-1.dll" },
    { "vulkan-1-32.dll", W "vulkan-1-999-0-0-0.dll" },
    { "vulkaninfo-32.exe", W "vulkaninfo.exe" },
    { "vulkaninfo-32.exe", W "vulkaninfo-1-999-0-0-0.exe" },
};

static const VendorFile qualcomm_files[] = {
    { "OpenCL.dll", S "OpenCL.dll" },
    { "qcdxkmsuc8380.mbn", S "qcdxkmsuc8380.mbn" },
    { "qchdcpumd8380.dll", S "qchdcpumd8380.dll" },
    { "qcdx11x86um.dll", W "qcdx11x86um.dll" },
    { "qcdx12x86um.dll", W "qcdx12x86um.dll" },
    { "qcdxdmlx86.dll", W "qcdxdmlx86.dll" },
    { "qcdxsdx86.dll", W "qcdxsdx86.dll" },
    { "qcegpx86.dll", W "qcegpx86.dll" },
    { "qcgpux86compilercore.DLL", W "qcgpux86compilercore.DLL" },
    { "qcvidencx86um.DLL", W "qcvidencum.DLL" },
    { "qcdx11chpeum.dll", C "qcdx11x86um.dll" },
    { "qcdx12chpeum.dll", C "qcdx12x86um.dll" },
    { "qcdxdmlchpe.dll", C "qcdxdmlx86.dll" },
    { "qcdxsdchpe.dll", C "qcdxsdx86.dll" },
    { "qcegpchpe.dll", C "qcegpdx86.dll" },
    { "qcgpuchpecompilercore.dll", C "qcgpux86compilercore.DLL" },
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
static const char *const amd_components[] = { "amdocl", "amdogl", "amdvlk", "amdwin", NULL };

static const Vendor vendors[] = {
    { "NVIDIA", { "PCI\\VEN_10DE" }, nvidia_files, COUNT_OF(nvidia_files), NULL, NULL },
    { "AMD", { "PCI\\VEN_1002" }, amd_files, COUNT_OF(amd_files), NULL, amd_components },
    { "INTEL", { "PCI\\VEN_8086" }, intel_files, COUNT_OF(intel_files), intel_values, NULL },
    { "QUALCOMM",
      { "ACPI\\QCOM", "ACPI\\VEN_QCOM", "PCI\\VEN_5143", "PCI\\VEN_17CB" },
      qualcomm_files,
      COUNT_OF(qualcomm_files),
      NULL,
      NULL },
};

/* Followed by anything but a letter or digit: "Intel(R) Corporation", "AMD". */
static const char *const companies[] = {
    "NVIDIA",  "Advanced Micro Devices",
    "AMD",     "ATI Technologies",
    "Intel",   "Qualcomm", /* GPUs */
    "Khronos", "The Khronos",
    "LunarG", /* loaders */
};

static const char *const folders[] = { S "drivers/NVIDIA Corporation/" };

const Vendor *vendor_find(const char *device_id)
{
    for (size_t i = 0; i < COUNT_OF(vendors); i++) {
        for (size_t j = 0; j < COUNT_OF(vendors[i].prefixes) && vendors[i].prefixes[j] != NULL; j++) {
            if (ascii_starts_with(device_id, vendors[i].prefixes[j]))
                return &vendors[i];
        }
    }
    return NULL;
}

static bool has_target(const Vendor *vendor, const char *target)
{
    for (size_t i = 0; i < vendor->file_count; i++) {
        if (ascii_equals(vendor->files[i].target, target))
            return true;
    }
    return false;
}

bool vendor_shares_target(const char *target)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(vendors); i++)
        count += has_target(&vendors[i], target);
    return count > 1;
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

bool vendor_is_company(const char *company)
{
    for (size_t i = 0; i < COUNT_OF(companies); i++) {
        if (!ascii_starts_with(company, companies[i]))
            continue;
        char next = company[strlen(companies[i])];
        if (!ascii_is_alpha(next) && !ascii_is_digit(next))
            return true;
    }
    return false;
}

bool vendor_has_folder(const char *path)
{
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        if (ascii_starts_with(path, folders[i]))
            return true;
    }
    return false;
}
