# SPDX-License-Identifier: MIT
"""A simulated host with GPUs and drivers of a test's own making, and the folder with its drive C:. What its JSON means is
in docs/simulator.md. Names, layouts and values are those of real drivers; what is in the files is made up."""

import json
import subprocess

import program

DISPLAY = "{4d36e968-e325-11ce-bfc1-08002be10318}"
ACCELERATOR = "{f01a9d53-3ff6-48d2-9f97-c8a7004be10c}"
CONTROL = "SYSTEM\\CurrentControlSet\\"
STORE = "C:\\Windows\\System32\\DriverStore\\FileRepository\\"
GUEST_STORE = "Windows/System32/HostDriverStore/FileRepository"
OWN = "Windows/System32/HostDriverStore/HyperPoint"
MAKERS = {"NVIDIA": ("PCI\\VEN_10DE", "NVIDIA"), "AMD": ("PCI\\VEN_1002", "Advanced Micro Devices, Inc."),
          "INTEL": ("PCI\\VEN_8086", "Intel Corporation"), "QUALCOMM": ("ACPI\\VEN_QCOM", "Qualcomm Incorporated"),
          "MTHREADS": ("PCI\\VEN_1ED5", "MThreads")}


def inf(date, version, setup_class="Display", lines=()):
    return "\r\n".join(("[Version]", 'Signature="$Windows NT$"', f"Class={setup_class}",
                        f"DriverVer = {date}, {version}", "", "[Install.NTamd64]", *lines, ""))


class SimHost:
    """A host without GPUs, in a folder with the files of its drive C:."""

    fresh = {}  # variant -> the text of its state file

    def __init__(self, hyperpoint, folder, variant="windows11"):
        self.hyperpoint = hyperpoint
        self.folder = folder
        self.state = folder / "host.json"
        self.disk = folder / "drives" / "C"
        if variant not in self.fresh:
            self.run("-HOST", f"sim:{self.known(self.state)}?{variant}", "-DO", "list-vms")
            self.fresh[variant] = self.state.read_text(encoding="utf-8")
        self.data = json.loads(self.fresh[variant])
        hyperv, cimv2 = (self.data["instances"][f"root\\{name}"] for name in ("virtualization\\v2", "cimv2"))
        hyperv[:] = [row for row in hyperv if "HostResource" not in row and
                     row["class"] not in ("Msvm_PartitionableGpu", "Msvm_GpuPartition")]
        cimv2[:] = [row for row in cimv2 if not row["class"].startswith(("Win32_PnP", "CIM_", "Win32_Video"))]
        self.hyperv, self.cimv2 = hyperv, cimv2
        self.registry = self.data["registry"] = {
            "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion": {"SystemRoot": "C:\\Windows"}}
        self.data["drives"] = self.known(folder / "drives")
        self.count = 0

    def known(self, path):
        """A path as the program knows it."""
        return program.windows_path(path) if self.hyperpoint.is_windows else str(path)

    def gpu(self, name, maker, package=None, user_mode=(), setup_class=DISPLAY, suffix="\\GPUPARAV", version="32.0.15.7000",
            date="2-26-2025", values=None, copies=None, service_copies=None):
        """A partitionable GPU; with a package, its driver's keys. values: of the class key; copies: subkey -> values.
        Returns the device ID."""
        prefix, provider = MAKERS[maker]
        number, registry = self.count, self.registry
        self.count += 1
        model = 0x2000 + number if maker != "QUALCOMM" else 0x0C36 + number % 2  # they are of few models
        device = f"{prefix}&DEV_{model:04X}&SUBSYS_00000000&REV_A1\\4&{number:08X}&0&0008"
        path = "\\\\?\\" + device.replace("\\", "#") + "#{064092b3-625e-43bf-9eb5-dc845897dd59}" + suffix
        self.hyperv.append({"class": "Msvm_PartitionableGpu", "Name": path})
        service = f"svc{number}"
        self.cimv2.append({"class": "Win32_PnPEntity", "Name": name, "Caption": name, "DeviceID": device,
                           "PNPDeviceID": device, "ClassGuid": setup_class, "Service": service})
        if package is None:
            return device
        key = f"{setup_class}\\{number:04d}"
        registry[f"{CONTROL}Enum\\{device}"] = {"ClassGUID": setup_class, "Driver": key, "Service": service}
        registry[f"{CONTROL}Control\\Class\\{key}"] = {
            "DriverDate": date, "DriverVersion": version, "InfPath": f"oem{number}.inf", "ProviderName": provider,
            "UserModeDriverName": list(user_mode), **(values or {})}
        for base, subkeys in ((f"{CONTROL}Control\\Class\\{key}", copies),
                              (f"{CONTROL}Services\\{service}", service_copies)):
            for subkey, rows in (subkeys or {}).items():
                registry[f"{base}\\{subkey}"] = rows
        image = f"\\SystemRoot\\System32\\DriverStore\\FileRepository\\{package}\\kernel.sys"
        registry[f"{CONTROL}Services\\{service}"] = {"ImagePath": {"expand": image}}
        return device

    def write(self, path, data="MZ"):
        """A file of drive C:."""
        target = self.disk / path.replace("\\", "/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data if isinstance(data, bytes) else data.encode())
        return target

    def package(self, folder, names=(), text=None):
        """A folder of the driver store; text is that of its INF."""
        base = "Windows/System32/DriverStore/FileRepository/" + folder
        if text is not None:
            self.write(f"{base}/{folder[:folder.lower().index('.inf_')]}.inf", text)
        for name in names:
            self.write(f"{base}/{name}", f"MZ {folder} {name}")

    def save(self):
        self.state.write_text(json.dumps(self.data), encoding="utf-8")

    def run(self, *words, host=False, code=None):
        """(exit code, stdout, stderr) of a run. host: on this host."""
        words = ["-HOST", f"sim:{self.known(self.state)}", *words] if host else words
        done = subprocess.run([*self.hyperpoint.prefix, str(self.hyperpoint.path), *words], capture_output=True,
                              encoding="utf-8", cwd=self.folder, env=self.hyperpoint.environment(self.folder / "state"))
        if code is not None and done.returncode != code:
            raise AssertionError(f"exit code {done.returncode}, not {code}: {done.stdout}{done.stderr}")
        return done

    def gather(self, *words, gpu="order:1", code=0, dest="made"):
        return self.run("-DO", "get-drivers", "-GPU", gpu, "-DEST", self.known(self.folder / dest), *words, host=True,
                        code=code)

    def check(self, *words, gpu="order:1", code=0):
        return self.run("-DO", "check-drivers", "-GPU", gpu, *words, host=True, code=code)

    def packed(self, dest="made"):
        """Path in the guest -> content, of all packages there, without manifests."""
        found = {}
        for package in sorted((self.folder / dest).iterdir()):
            for path in package.rglob("*") if package.is_dir() else ():
                name = path.relative_to(package).as_posix()
                if path.is_file() and not name.startswith(OWN):
                    found[name] = path.read_bytes()
        return found
